// How far one distribution over the vocabulary is from another, from their logits.
import { exponential, NOTHING } from '../llama/exponentials.ts'

/** Logits (V) with the logarithm of the sum of their exponentials. */
export interface Scores {
  readonly logits: Float32Array
  readonly logSum: number
}

/** KL(p ‖ q) in nats, not negative; p and q over the same V tokens. */
export function divergence(p: Scores, q: Scores): number {
  const [own, other] = [p.logits, q.logits]
  const shift = q.logSum - p.logSum
  let sum = 0
  for (let id = 0; id < own.length; id++) {
    const logit = own[id]!
    const logProbability = logit - p.logSum
    if (logProbability > NOTHING) sum += exponential(logProbability) * (logit - other[id]! + shift)
  }
  // rounding takes what is equal a little below 0
  return Math.max(0, sum)
}

/** The scores at one of the places that were asked for. */
export function scoresAt(
  { logits, logSums }: { readonly logits: Float32Array; readonly logSums: Float32Array },
  place: number,
): Scores {
  const V = logits.length / logSums.length
  return { logits: logits.subarray(place * V, (place + 1) * V), logSum: logSums[place]! }
}
