// Activations in a byte each: steps of a 127th of the row's largest value, and what that loses.
import { notANumber } from './shard-float16.ts'

const STEPS = 127

export interface Bytes {
  /** (rows, D) */
  readonly values: Int8Array<ArrayBuffer>
  /** A row's values times this are its activations. */
  readonly scale: Float32Array<ArrayBuffer>
  /** Sums of squares: of what was lost, and of what there was. */
  readonly lost: number
  readonly total: number
}

/** `activations` is (rows, width). Throws `activations/not-a-number`, for infinite values as well. */
export function toBytes(activations: Float32Array, width: number): Bytes {
  const rows = activations.length / width
  const values = new Int8Array(activations.length)
  const scale = new Float32Array(rows)
  let [lost, total] = [0, 0]
  for (let row = 0; row < rows; row++) {
    const [start, end] = [row * width, (row + 1) * width]
    const step = Math.fround(largest(activations, start, end) / STEPS)
    if (!Number.isFinite(step)) throw notANumber()
    scale[row] = step
    // a row of zeros has no step, and one of the smallest numbers none that float32 can hold
    const perUnit = step === 0 ? 0 : 1 / step
    for (let index = start; index < end; index++) {
      const value = activations[index]!
      // a step among the smallest numbers float32 has is a coarse one, and the division may pass 127
      const byte = Math.max(-STEPS, Math.min(STEPS, Math.round(value * perUnit)))
      values[index] = byte
      const difference = value - byte * step
      lost += difference * difference
      total += value * value
    }
  }
  return { values, scale, lost, total }
}

/** (rows, width) in float32. */
export function fromBytes(values: Int8Array, scale: Float32Array, width: number): Float32Array<ArrayBuffer> {
  const activations = new Float32Array(values.length)
  for (let row = 0; row < scale.length; row++) {
    const step = scale[row]!
    for (let index = row * width; index < (row + 1) * width; index++)
      activations[index] = values[index]! * step
  }
  return activations
}

/** The largest magnitude, or something not finite when there is any. */
function largest(values: Float32Array, start: number, end: number): number {
  let [most, sum] = [0, 0]
  for (let index = start; index < end; index++) {
    const value = values[index]!
    most = Math.max(most, Math.abs(value))
    // comparisons pass NaN by
    sum += value * 0
  }
  return most + sum
}
