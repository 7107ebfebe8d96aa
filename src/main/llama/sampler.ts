// The next token out of its logits: temperature, top-k, top-p, min-p and repetition penalty, with noise that is given.
import { expected } from '../../shared/errors.ts'
import type { Sampling } from '../../shared/generation.ts'
import { exponential, NOTHING, placeOf, PLACES, PLACES_PER_UNIT } from './exponentials.ts'

export interface Sampled {
  readonly id: number
  /**
   * Natural logarithm of its probability in the model's own distribution: before the penalty, the temperature and
   * everything that leaves tokens out.
   */
  readonly logProbability: number
}

/** Samples for vocabularies of `size` tokens; keeps its memory between calls, and nothing else. */
export class Sampler {
  readonly #size: number
  readonly #scaled: Float64Array
  readonly #weights: Float64Array
  readonly #candidates: Int32Array
  /** For exponents, to find the most probable tokens without sorting all. */
  readonly #bins = new Float64Array(PLACES)

  constructor(size: number) {
    this.#size = size
    this.#scaled = new Float64Array(size)
    this.#weights = new Float64Array(size)
    this.#candidates = new Int32Array(size)
  }

  /**
   * The token that `uniform` (from 0 up to 1) falls on when those that are left stand side by side, each as wide as it
   * is probable, in the order of their ids: the same number and nearly the same logits give the same token. `seen` are
   * the tokens that the repetition penalty is for, each once; `logSum` is the logarithm of the sum of all exponentials.
   * Throws `generate/not-finite`.
   */
  sample(
    logits: Float32Array,
    sampling: Sampling,
    seen: Iterable<number>,
    uniform: number,
    logSum: number,
  ): Sampled {
    if (logits.length !== this.#size) throw new Error(`${logits.length} logits for ${this.#size} tokens.`)
    // it shows what no comparison of logits notices: a NaN among them
    if (!Number.isFinite(logSum)) throw notFinite()
    if (sampling.temperature === 0 && sampling.repetitionPenalty === 1) {
      const id = greatest(logits)
      return { id, logProbability: (logits[id] ?? 0) - logSum }
    }
    this.#scaled.set(logits)
    this.#penalise(seen, sampling.repetitionPenalty)
    const top = greatest(this.#scaled)
    const id = sampling.temperature === 0 ? top : this.#draw(sampling, this.#scaled[top] ?? 0, uniform)
    return { id, logProbability: (logits[id] ?? 0) - logSum }
  }

  /**
   * Divides what speaks for a token that was there already, and multiplies what speaks against it (Keskar and others,
   * CTRL, 2019).
   */
  #penalise(seen: Iterable<number>, penalty: number): void {
    if (penalty === 1) return
    const scaled = this.#scaled
    for (const id of seen) {
      const logit = scaled[id]
      if (logit !== undefined) scaled[id] = logit > 0 ? logit / penalty : logit * penalty
    }
  }

  /** Leaves tokens out by top-k, then by top-p of what is left, then by min-p, as transformers does; draws from the rest. */
  #draw({ temperature, topK, topP, minP }: Sampling, top: number, uniform: number): number {
    const [scaled, weights, candidates] = [this.#scaled, this.#weights, this.#candidates]
    let kept = 0
    let mass = 0
    for (let id = 0; id < scaled.length; id++) {
      const exponent = (scaled[id]! - top) / temperature
      if (exponent <= NOTHING) continue
      const weight = exponential(exponent)
      scaled[id] = exponent
      weights[id] = weight
      mass += weight
      candidates[kept++] = id
    }
    const all = kept
    if (topK > 0 && topK < kept) kept = this.#keepMost(kept, topK, null)
    if (topP < 1) kept = this.#keepMost(kept, (kept === all ? mass : this.#massOf(kept)) * topP, weights)
    if (minP > 0) kept = this.#keepAbove(kept, Math.log(minP))
    return this.#fallsOn(kept, uniform * (kept === all ? mass : this.#massOf(kept)))
  }

  #massOf(kept: number): number {
    let mass = 0
    for (let index = 0; index < kept; index++) mass += this.#weights[this.#candidates[index] ?? 0] ?? 0
    return mass
  }

  /** Of the first `kept` candidates those with an exponent of `floor` and more, in the same order; how many there are. */
  #keepAbove(kept: number, floor: number): number {
    const candidates = this.#candidates
    let left = 0
    for (let index = 0; index < kept; index++) {
      const id = candidates[index] ?? 0
      if ((this.#scaled[id] ?? 0) >= floor) candidates[left++] = id
    }
    return left
  }

  /**
   * Of the first `kept` candidates the most probable, until their weights (each 1 when null) add up to `enough`, which is
   * more than 0; in the same order. How many there are. Only those are sorted among which the border lies.
   */
  #keepMost(kept: number, enough: number, weights: Float64Array | null): number {
    const [scaled, candidates, bins] = [this.#scaled, this.#candidates, this.#bins]
    bins.fill(0)
    for (let index = 0; index < kept; index++) {
      const id = candidates[index]!
      bins[placeOf(scaled[id]!)]! += weights ? weights[id]! : 1
    }
    let border = 0
    let sum = 0
    while (border < bins.length - 1 && sum + bins[border]! < enough) sum += bins[border++]!
    // exponents in the border's bin are from one of these up to the other
    const [least, above] = [-(border + 1) / PLACES_PER_UNIT, -border / PLACES_PER_UNIT]
    const undecided: number[] = []
    let left = 0
    for (let index = 0; index < kept; index++) {
      const id = candidates[index]!
      const exponent = scaled[id]!
      if (exponent <= least) continue
      if (exponent <= above) undecided.push(id)
      candidates[left++] = id
    }
    undecided.sort((a, b) => scaled[b]! - scaled[a]! || a - b)
    let chosen = 0
    while (chosen < undecided.length && sum < enough) {
      const id = undecided[chosen++]!
      sum += weights ? weights[id]! : 1
    }
    return chosen === undecided.length ? left : this.#without(left, new Set(undecided.slice(chosen)))
  }

  #without(kept: number, out: ReadonlySet<number>): number {
    const candidates = this.#candidates
    let left = 0
    for (let index = 0; index < kept; index++) {
      const id = candidates[index]!
      if (!out.has(id)) candidates[left++] = id
    }
    return left
  }

  #fallsOn(kept: number, target: number): number {
    const candidates = this.#candidates
    let sum = 0
    for (let index = 0; index < kept; index++) {
      const id = candidates[index] ?? 0
      sum += this.#weights[id] ?? 0
      if (sum > target) return id
    }
    return candidates[kept - 1] ?? 0
  }
}

/** The first of those with the largest logit. */
function greatest(logits: Float32Array | Float64Array): number {
  let best = 0
  let most = logits[0] ?? 0
  for (let id = 1; id < logits.length; id++) {
    const logit = logits[id] ?? 0
    if (logit > most) {
      most = logit
      best = id
    }
  }
  return best
}

function notFinite() {
  return expected(
    'generate/not-finite',
    'The model gave numbers that are not finite, so no token can be chosen.',
    'Lower the steering strength, or run the model in float32; if neither helps, import the model again.',
  )
}
