// Dead features begin anew at rows that are explained badly (Bricken et al., 2023).
// Letters: B rows, D width of the model, F features.
import { noise } from '../llama/noise.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'
import { firstMoment, secondMoment, SILENT } from './step.ts'
import type { Parameter } from './variants/variant.ts'

interface Badly {
  readonly D: number
  readonly F: number
  /** (B, D) each, and (B). */
  readonly rows: Float32Array
  readonly reconstruction: Float32Array
  readonly errors: Float32Array
  readonly parameters: Readonly<Record<string, Parameter>>
  readonly deadAfter: number
  readonly seed: number
  readonly step: number
}

/** New encoder directions have this share of the mean norm of those alive. */
const SHARE = 0.2
/** A stream of the seed's noise for each step. */
const STREAM = 1000

/** The state with its dead features made anew; null when none is dead. */
export function resampled(
  state: Readonly<Record<string, Tensor>>,
  { D, F, rows, reconstruction, errors, parameters, deadAfter, seed, step }: Badly,
): Record<string, Tensor> | null {
  const silent = state[SILENT]!.data as Float32Array
  const dead = Array.from({ length: F }, (_, feature) => feature).filter(
    (feature) => silent[feature]! > deadAfter,
  )
  if (dead.length === 0) return null
  const next = Object.fromEntries(
    Object.entries(state).map(([name, { dtype, shape, data }]) => [name, tensor(dtype, shape, data.slice())]),
  )
  const vector = (name: string, feature: number) => column(next[name]!, parameters[name]!, feature)
  const isDead = new Set(dead)
  let [alive, norms, decoderNorms] = [0, 0, 0]
  for (let feature = 0; feature < F; feature++) {
    if (isDead.has(feature)) continue
    alive++
    norms += Math.hypot(...vector('W_enc', feature).read())
    decoderNorms += Math.hypot(...vector('W_dec', feature).read())
  }
  const [encoder, decoder] = alive === 0 ? [SHARE, 1] : [(SHARE * norms) / alive, decoderNorms / alive]
  const chosen = picks(errors, dead.length, seed, STREAM + step)
  for (const [index, feature] of dead.entries()) {
    const from = chosen[index]! * D
    const error = Array.from({ length: D }, (_, d) => rows[from + d]! - reconstruction[from + d]!)
    const length = Math.max(1e-12, Math.hypot(...error))
    vector('W_dec', feature).write(error.map((x) => (x / length) * decoder))
    vector('W_enc', feature).write(error.map((x) => (x / length) * encoder))
    for (const [name, parameter] of Object.entries(parameters)) {
      if (parameter.features === undefined) continue
      if (parameter.shape.length === 1 && name !== 'threshold') next[name]!.data[feature] = 0
    }
    ;(next[SILENT]!.data as Float32Array)[feature] = 0
  }
  forgetMoments(next, parameters, dead)
  return next
}

/** Rows at random, as often as their squared error is large, some of them more than once. */
function picks(errors: Float32Array, count: number, seed: number, stream: number): number[] {
  const sums = new Float64Array(errors.length)
  let total = 0
  for (const [row, error] of errors.entries()) sums[row] = total += error
  return Array.from({ length: count }, (_, index) => {
    const wanted = noise(seed, stream, index) * total
    let [low, high] = [0, errors.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! > wanted) high = middle
      else low = middle + 1
    }
    return low
  })
}

/** What Adam remembers of the dead features' parameters, in whichever blocks it is kept, is forgotten. */
function forgetMoments(
  state: Readonly<Record<string, Tensor>>,
  parameters: Readonly<Record<string, Parameter>>,
  dead: readonly number[],
): void {
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter.features === undefined) continue
    for (const moment of [firstMoment(name), secondMoment(name)]) {
      for (const feature of dead) {
        for (const at of places(parameter, feature)) state[moment]!.data[at] = 0
      }
    }
  }
}

/** Where a feature's numbers lie in a parameter. */
function* places({ shape, features }: Parameter, feature: number): Generator<number> {
  const [first, second = 1] = shape as [number, number?]
  if (features === 0) for (let d = 0; d < second; d++) yield feature * second + d
  else for (let d = 0; d < first; d++) yield d * second + feature
}

function column({ data }: Tensor, parameter: Parameter, feature: number) {
  const at = [...places(parameter, feature)]
  return {
    read: (): number[] => at.map((place) => Number(data[place])),
    write: (values: readonly number[]): void => values.forEach((value, index) => (data[at[index]!] = value)),
  }
}
