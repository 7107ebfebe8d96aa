// Activations as float16, rounded to the nearest; what lies beyond its range is clipped and counted.
import { expected } from '../../shared/errors.ts'

/** Bits of the exponent: all set means infinite or no number. */
const EXPONENT = 0x7c00
const FRACTION = 0x03ff
/** A row shorter than this holds no value that rounds to more than 65,504, however its length was rounded. */
const SHORT = 65_000

export interface Halves {
  readonly values: Float16Array
  /** How many were clipped. */
  readonly overflowed: number
}

/**
 * What is float16 already stays where it is and is clipped there; of rows whose `norms` (their lengths) are known, only
 * the long ones are looked at. Throws `activations/not-a-number`: such a value has no place to be clipped to.
 */
export function toHalves(activations: Float32Array | Float16Array, norms?: Float32Array): Halves {
  const values = activations instanceof Float16Array ? activations : new Float16Array(activations)
  const bits = new Uint16Array(values.buffer, values.byteOffset, values.length)
  if (!norms) return { values, overflowed: clip(bits) }
  const width = bits.length / norms.length
  let overflowed = 0
  for (const [row, norm] of norms.entries()) {
    // a length that is no number is not less either
    if (norm < SHORT) continue
    overflowed += clip(bits.subarray(row * width, (row + 1) * width))
  }
  return { values, overflowed }
}

function clip(bits: Uint16Array): number {
  let overflowed = 0
  for (let index = 0; index < bits.length; index++) {
    const half = bits[index]!
    if ((half & EXPONENT) !== EXPONENT) continue
    if ((half & FRACTION) !== 0) throw notANumber()
    // one below infinity is the largest finite value, 65,504; the sign stays
    bits[index] = half - 1
    overflowed++
  }
  return overflowed
}

export function notANumber(): Error {
  return expected(
    'activations/not-a-number',
    'The model computed an activation that is not a number.',
    'Harvest in float32, or on another device; if that gives the same, the checkpoint is damaged.',
  )
}
