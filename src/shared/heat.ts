// How strongly a feature fires on a token, as a shade of one colour and as a number.

/** Activations below are not worth a colour. */
const LEAST = 5e-5

/**
 * Opacity, 0 to 1, of an activation beside `max`, the greatest of its list: 0.05 + 0.95 · log₁₀(1 + 9r) with
 * r = value / max, so that weak ones can still be seen; 0 where the feature does not fire.
 */
export function heatOf(value: number, max: number): number {
  if (!(value > LEAST) || !(max > 0)) return 0
  return 0.05 + 0.95 * Math.log10(1 + 9 * Math.min(1, value / max))
}

/** The tokens that a window of `reach` on either side of `peak` leaves, as [from, to) among `length`. */
export function windowOf(peak: number, reach: number, length: number): readonly [number, number] {
  const middle = Math.min(Math.max(peak, 0), Math.max(0, length - 1))
  return [Math.max(0, middle - reach), Math.min(length, middle + reach + 1)]
}

/** Three digits: "7.93", "0.0412". */
export function activationWords(value: number): string {
  return String(Number(value.toPrecision(3)))
}
