// Where training starts: tied directions, biases at zero, and the decoder's bias in the middle of the data.
// Letters: D width of the model, F features.
import type { VariantOptions } from '../../shared/sae.ts'
import { noise } from '../llama/noise.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'
import { THRESHOLD_MEAN, type TrainingStep } from './step.ts'
import type { Parameter, Variant } from './variants/variant.ts'

export interface InitialOptions {
  readonly D: number
  readonly F: number
  readonly options: VariantOptions
  readonly seed: number
  /** (n, D), of the data. */
  readonly sample: Float32Array
}

/** Norm of decoder directions where they are free (Anthropic, April 2024). */
const FREE_NORM = 0.1
/** θ of JumpReLU (Rajamanoharan et al., 2024, take 0.001 in their units; rows here have norm √D). */
const THRESHOLD = 0.1
/** Streams of the seed's noise. */
const [DIRECTIONS, ROUTER] = [1, 2]

/** The state of `step` before its first step. */
export function initialState(
  variant: Variant,
  step: TrainingStep,
  { D, F, options, seed, sample }: InitialOptions,
): Record<string, Tensor> {
  const parameters = variant.parameters({ D, F }, options)
  const norm = variant.unitDecoder ? 1 : FREE_NORM
  const center = geometricMedian(sample, D)
  const values: Record<string, () => Float32Array> = {
    // (F, D), whichever way they lie
    W_dec: () => laid(directions(F, D, norm, seed), parameters.W_dec!),
    W_enc: () => laid(directions(F, D, norm, seed), parameters.W_enc!),
    b_dec: () => center,
    b_router: () => center,
    W_router: () => gaussian(D * options.experts, seed, ROUTER).map((x) => x / D),
    threshold: () => new Float32Array(F).fill(THRESHOLD),
  }
  const state = Object.entries(step.state).map(([name, { dtype, shape }]): [string, Tensor] => {
    const count = shape.reduce((a, b) => a * b, 1)
    const made = name in parameters ? values[name]?.() : undefined
    if (made) return [name, tensor(dtype, shape, made)]
    const blank = dtype === 'float16' ? new Float16Array(count) : new Float32Array(count)
    return [name, tensor(dtype, shape, name === THRESHOLD_MEAN ? blank.fill(-1) : blank)]
  })
  return Object.fromEntries(state)
}

/** (F, D) rows as the parameter lies: features on its axis. */
function laid(rows: Float32Array, { shape, features }: Parameter): Float32Array {
  return features === 0 ? rows : transposed(rows, shape[1]!, shape[0]!)
}

/** (rows, columns) to (columns, rows). */
export function transposed(data: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const turned = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      turned[column * rows + row] = data[row * columns + column]!
  }
  return turned
}

/** (F, D) random directions of one norm. */
function directions(F: number, D: number, norm: number, seed: number): Float32Array {
  const rows = gaussian(F * D, seed, DIRECTIONS)
  for (let feature = 0; feature < F; feature++) {
    const row = rows.subarray(feature * D, (feature + 1) * D)
    const scale = norm / Math.hypot(...row)
    for (let d = 0; d < D; d++) row[d]! *= scale
  }
  return rows
}

/** Normal numbers, two from each pair of uniform ones (Box and Muller, 1958). */
function gaussian(count: number, seed: number, stream: number): Float32Array {
  const numbers = new Float32Array(count)
  for (let at = 0; at < count; at += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - noise(seed, stream, at)))
    const angle = 2 * Math.PI * noise(seed, stream, at + 1)
    numbers[at] = radius * Math.cos(angle)
    if (at + 1 < count) numbers[at + 1] = radius * Math.sin(angle)
  }
  return numbers
}

/** The point whose distances to the rows (n, D) sum up to the least (Weiszfeld, 1937): a mean that outliers do not pull. */
export function geometricMedian(rows: Float32Array, D: number, turns = 50): Float32Array<ArrayBuffer> {
  const n = rows.length / D
  let center = new Float64Array(D)
  for (let at = 0; at < rows.length; at++) center[at % D]! += rows[at]! / n
  for (let turn = 0; turn < turns; turn++) {
    const next = new Float64Array(D)
    let total = 0
    for (let row = 0; row < n; row++) {
      let distance = 0
      for (let d = 0; d < D; d++) distance += (rows[row * D + d]! - center[d]!) ** 2
      const weight = 1 / Math.max(Math.sqrt(distance), 1e-12)
      total += weight
      for (let d = 0; d < D; d++) next[d]! += weight * rows[row * D + d]!
    }
    for (let d = 0; d < D; d++) next[d]! /= total
    const moved = Math.hypot(...next.map((value, d) => value - center[d]!))
    center = next
    if (moved < 1e-6 * Math.max(1e-12, Math.hypot(...center))) break
  }
  return Float32Array.from(center)
}
