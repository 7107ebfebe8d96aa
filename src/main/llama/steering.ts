// What each row of a batch is steered by: features that write to the residual stream, and how strongly.
import { tensor, type Tensor } from '../onnx/tensor.ts'
import { steeringInputs } from './graph/steer.ts'

/** A feature at the hook: what it writes, and how it reads. Everything in the model's own units. */
export interface SteeredFeature {
  /** (D), its decoder row. */
  readonly direction: Float32Array
  /**
   * How it fires: f = p where p > threshold, else 0, with p = h·encoder + bias; or with p one of all features, in a model
   * that was opened with their encoder. Only adding needs none of this.
   */
  readonly reads?: Reads
  /** Index of the feature that must fire for this one to act; that one needs `reads`. */
  readonly onlyWhere?: number
}

export type Reads =
  | { readonly encoder: Float32Array; readonly bias: number; readonly threshold: number }
  | { readonly feature: number; readonly threshold: number }

/** What is done to a row by one feature. */
export type Dose =
  /** h + amount · direction. */
  | { readonly mode: 'add'; readonly amount: number }
  /** h + (target − f) · direction; a target of 0 ablates. */
  | { readonly mode: 'clamp'; readonly target: number }

export interface Steering {
  readonly features: readonly SteeredFeature[]
  /** For each row of the batch a dose for each feature; null leaves the row alone. */
  readonly rows: readonly (readonly (Dose | null)[])[]
  /** (B, T): 0 where a token is left alone, such as a special one; all are steered without it. */
  readonly tokens?: Uint8Array
}

const none: Steering = { features: [], rows: [] }

interface Sizes {
  readonly rows: number
  readonly tokens: number
  readonly width: number
  /** The graph has the encoder of all features. */
  readonly encodes: boolean
}

/** The inputs of a graph that steers, for B rows of T tokens of width D. */
export function steeringFeeds(steering: Steering | undefined, sizes: Sizes): Record<string, Tensor> {
  const { features, rows: doses, tokens: chosen } = steering ?? none
  const { rows, tokens, width, encodes } = sizes
  assertFits(steering, sizes)
  // a graph without slots would have empty tensors, which not every kernel takes
  const slots = Math.max(features.length, 1)
  const perSlot = (of: (feature: SteeredFeature) => number) => {
    const values = new Float32Array(slots)
    for (const [slot, feature] of features.entries()) values[slot] = of(feature)
    return tensor('float32', [slots], values)
  }
  const vectors = (of: (feature: SteeredFeature) => Float32Array | undefined) => {
    const values = new Float32Array(slots * width)
    for (const [slot, feature] of features.entries()) {
      const vector = of(feature)
      if (vector) values.set(vector, slot * width)
    }
    return tensor('float32', [slots, width], values)
  }
  const perRow = (of: (dose: Dose) => number) => {
    const values = new Float32Array(rows * slots)
    for (const [row, given] of doses.entries()) {
      for (const [slot, dose] of given.entries()) if (dose) values[row * slots + slot] = of(dose)
    }
    return tensor('float32', [rows, slots], values)
  }
  const whole = (of: (slot: number) => number) =>
    tensor(
      'int64',
      [slots],
      BigInt64Array.from({ length: slots }, (_, slot) => BigInt(of(slot))),
    )
  const steered = new Float32Array(rows * tokens).fill(1)
  if (chosen) steered.set(chosen)
  return {
    [steeringInputs.directions]: vectors(({ direction }) => direction),
    ...(encodes
      ? { [steeringInputs.slots]: whole((slot) => featureOf(features[slot]?.reads) ?? 0) }
      : {
          [steeringInputs.encoders]: vectors(({ reads }) => weightsOf(reads)?.encoder),
          [steeringInputs.biases]: perSlot(({ reads }) => weightsOf(reads)?.bias ?? 0),
        }),
    [steeringInputs.thresholds]: perSlot(({ reads }) => reads?.threshold ?? 0),
    [steeringInputs.conditions]: whole((slot) => features[slot]?.onlyWhere ?? slots),
    [steeringInputs.amounts]: perRow((dose) => (dose.mode === 'add' ? dose.amount : 0)),
    [steeringInputs.targets]: perRow((dose) => (dose.mode === 'clamp' ? dose.target : 0)),
    [steeringInputs.holds]: perRow((dose) => (dose.mode === 'clamp' ? 1 : 0)),
    [steeringInputs.tokens]: tensor('float32', [rows, tokens], steered),
  }
}

function weightsOf(reads: Reads | undefined) {
  return reads && 'encoder' in reads ? reads : undefined
}

function featureOf(reads: Reads | undefined) {
  return reads && 'feature' in reads ? reads.feature : undefined
}

function assertFits(steering: Steering | undefined, { rows, tokens, width, encodes }: Sizes): void {
  if (!steering) return
  const { features, rows: doses, tokens: chosen } = steering
  if (doses.length !== rows || doses.some((row) => row.length !== features.length)) {
    throw new Error(`Steering must give ${rows} rows a dose of each of ${features.length} features.`)
  }
  if (chosen && chosen.length !== rows * tokens) {
    throw new Error(
      `Steering must choose among ${rows} × ${tokens} tokens, and chose among ${chosen.length}.`,
    )
  }
  for (const [slot, { direction, reads, onlyWhere }] of features.entries()) {
    if (direction.length !== width || (weightsOf(reads) && weightsOf(reads)?.encoder.length !== width)) {
      throw new Error(`Feature ${slot} is not as wide as the model, ${width}.`)
    }
    if (reads && 'feature' in reads !== encodes) {
      throw new Error(`Feature ${slot} reads the stream in a way that the graph does not.`)
    }
    if (onlyWhere !== undefined && !features[onlyWhere]?.reads) {
      throw new Error(`Feature ${slot} waits for feature ${onlyWhere}, which does not read the stream.`)
    }
    if (!reads && doses.some((row) => row[slot]?.mode === 'clamp')) {
      throw new Error(`Feature ${slot} is to be held, and does not read the stream.`)
    }
  }
}
