// Exponentials of what is at most 0, as fast as a loop over a vocabulary needs them: several times as fast as Math.exp.

/** Exponents below this add nothing to a sum in float64. */
export const NOTHING = -40
/** A power of two, so that places in the table are exact. */
export const PLACES_PER_UNIT = 64
/** Places of exponents above `NOTHING`. */
export const PLACES = -NOTHING * PLACES_PER_UNIT + 1

const table = Float64Array.from({ length: PLACES }, (_, place) => Math.exp(-place / PLACES_PER_UNIT))

/** How many parts of a unit an exponent lies below 0, rounded towards 0. */
export function placeOf(exponent: number): number {
  return (-exponent * PLACES_PER_UNIT) | 0
}

/** e^exponent for exponents above `NOTHING` and at most 0, or by rounding a little above; its relative error is below 1e-13. */
export function exponential(exponent: number): number {
  const place = (-exponent * PLACES_PER_UNIT) | 0
  const rest = exponent + place / PLACES_PER_UNIT
  // Taylor's series: the first term left out is below (1/64)⁶ / 720
  const series = 1 + rest * (1 + rest * (1 / 2 + rest * (1 / 6 + rest * (1 / 24 + rest / 120))))
  return table[place]! * series
}
