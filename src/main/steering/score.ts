// What the model makes of a text that is there: under steering, without it, and the activations of features along it.
// Letters: T tokens of the text, P pinned features, V vocabulary.
import { batchOf } from '../llama/batch.ts'
import type { Llama } from '../llama/llama.ts'
import { divergences } from '../llama/readout.ts'
import type { Dose, SteeredFeature } from '../llama/steering.ts'

/** Sums over the tokens of a text after its prompt. */
export interface Scored {
  readonly tokens: number
  /** Σ KL(steered ‖ unsteered) in nats, both after the same text. */
  readonly kl: number
  /** Σ −ln of the tokens' probabilities in the unsteered model. */
  readonly surprise: number
  /** (T, P): activations of the first P features at the text's tokens. */
  readonly activations: readonly (readonly number[])[]
}

interface ScoredText {
  readonly prompt: readonly number[]
  /** Generated after it; at least one. */
  readonly ids: readonly number[]
  readonly features: readonly SteeredFeature[]
  /** How the text was steered. */
  readonly doses: readonly (Dose | null)[]
  readonly pinned: number
  /** Whether a token is steered. */
  readonly steers: (id: number) => boolean
}

/** Runs the text twice beside itself, steered and not. */
export async function score(
  model: Pick<Llama, 'forward'>,
  { prompt, ids, features, doses, pinned, steers }: ScoredText,
): Promise<Scored> {
  const all = [...prompt, ...ids]
  const batch = batchOf([all, all])
  const places = ids.map((_, index) => prompt.length - 1 + index)
  const forward = await model.forward(batch, {
    logitsAt: Int32Array.from([...places, ...places.map((place) => place + all.length)]),
    steering: {
      features,
      rows: [doses, features.map(() => null)],
      tokens: Uint8Array.from([...all, ...all], (id) => Number(steers(id))),
    },
  })
  // the steered places, then the same ones unsteered
  const unsteered = ids.map((_, index) => ids.length + index)
  const kls = await divergences(forward, [...unsteered, ...unsteered])
  const vocabulary = forward.logits.length / forward.logSums.length
  let kl = 0
  let surprise = 0
  for (const [index, id] of ids.entries()) {
    const place = unsteered[index]!
    kl += kls[index]!
    surprise += forward.logSums[place]! - forward.logits[place * vocabulary + id]!
  }
  const slots = Math.max(features.length, 1)
  const activations = ids.map((_, index) => {
    const at = (prompt.length + index) * slots
    return Array.from(forward.features?.subarray(at, at + pinned) ?? [])
  })
  return { tokens: ids.length, kl, surprise, activations }
}
