// The next token out of its logits: temperature, top-k, top-p, min-p and repetition penalty, with noise that is given.
import { expected } from '../../shared/errors.ts'
import type { Sampling } from '../../shared/generation.ts'

export interface Sampled {
  readonly id: number
  /**
   * Natural logarithm of its probability in the model's own distribution: before the penalty, the temperature and
   * everything that leaves tokens out.
   */
  readonly logProbability: number
}

/** Exponents below this add nothing to a sum in float64. */
const NOTHING = -40
/** Parts of a logit by which tokens are put in bins, to find the most probable without sorting all. */
const BINS_PER_UNIT = 64

/** Samples for vocabularies of `size` tokens; keeps its memory between calls, and nothing else. */
export class Sampler {
  readonly #size: number
  readonly #scaled: Float64Array
  readonly #weights: Float64Array
  readonly #candidates: Int32Array
  readonly #bins = new Float64Array(-NOTHING * BINS_PER_UNIT + 1)

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
    for (let id = 0; id < scaled.length; id++) {
      const exponent = ((scaled[id] ?? 0) - top) / temperature
      if (exponent <= NOTHING) continue
      scaled[id] = exponent
      weights[id] = Math.exp(exponent)
      candidates[kept++] = id
    }
    if (topK > 0 && topK < kept) kept = this.#keepMost(kept, topK, null)
    if (topP < 1) kept = this.#keepMost(kept, this.#massOf(kept) * topP, weights)
    if (minP > 0) kept = this.#keepAbove(kept, Math.log(minP))
    return this.#fallsOn(kept, uniform * this.#massOf(kept))
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
    const binOf = (id: number) => Math.floor(-(scaled[id] ?? 0) * BINS_PER_UNIT)
    const weightOf = (id: number) => (weights ? (weights[id] ?? 0) : 1)
    bins.fill(0)
    for (let index = 0; index < kept; index++) {
      const id = candidates[index] ?? 0
      const bin = binOf(id)
      bins[bin] = (bins[bin] ?? 0) + weightOf(id)
    }
    let border = 0
    let sum = 0
    while (border < bins.length - 1 && sum + (bins[border] ?? 0) < enough) sum += bins[border++] ?? 0
    const undecided: number[] = []
    for (let index = 0; index < kept; index++) {
      const id = candidates[index] ?? 0
      if (binOf(id) === border) undecided.push(id)
    }
    undecided.sort((a, b) => (scaled[b] ?? 0) - (scaled[a] ?? 0) || a - b)
    const chosen = new Set<number>()
    for (const id of undecided) {
      if (sum >= enough) break
      chosen.add(id)
      sum += weightOf(id)
    }
    let left = 0
    for (let index = 0; index < kept; index++) {
      const id = candidates[index] ?? 0
      const bin = binOf(id)
      if (bin < border || (bin === border && chosen.has(id))) candidates[left++] = id
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
