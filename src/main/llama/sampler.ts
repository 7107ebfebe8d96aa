// The next token out of its odds: top-k, top-p and min-p, with noise that is given.
import type { Sampling } from '../../shared/generation.ts'

/** Bits of a float32 that make no difference to its bin: there are 32 bins for every halving of the odds. */
const SHIFT = 18
const BINS = (bitsOf(1) >>> SHIFT) + 1

/** The first tokens by their odds, and of equals by their ids: those before one with these bits and this id. */
interface Kept {
  readonly bits: number
  readonly id: number
}

/** All tokens that are possible at all. */
const everything: Kept = { bits: 0, id: 0 }

/** Draws tokens; keeps its memory between calls, and nothing else. */
export class Sampler {
  /** For odds, to find the most probable tokens without sorting all. */
  readonly #bins = new Float64Array(BINS)

  /**
   * The token that `uniform` (from 0 up to 1) falls on when those that are left stand side by side, each as wide as it
   * is probable, in the order of their ids: the same number and nearly the same odds (V) give the same token. Without
   * temperature the most probable one, the first of equals. Leaves tokens out by top-k, then by top-p of what is left,
   * then by min-p, as transformers does.
   */
  draw(odds: Float32Array, { temperature, topK, topP, minP }: Sampling, uniform: number): number {
    if (temperature === 0) return odds.indexOf(1)
    // as whole numbers, odds stand in the same order
    const bits = new Uint32Array(odds.buffer, odds.byteOffset, odds.length)
    let kept = everything
    if (topK > 0 && topK < odds.length) kept = this.#most(bits, null, kept, () => topK)
    if (topP < 1) kept = this.#most(bits, odds, kept, (mass) => topP * mass)
    if (minP > 0) kept = fewer(kept, { bits: bitsOf(minP), id: odds.length })
    return fallsOn(odds, bits, kept, uniform)
  }

  /**
   * The most probable tokens of those in `within` until their weights, which are their odds, or each 1 when null, add up
   * to `enough` of all their mass, which is more than 0. Only those are sorted among which the border lies.
   */
  #most(bits: Uint32Array, odds: Float32Array | null, within: Kept, enough: (mass: number) => number): Kept {
    const bins = this.#bins
    bins.fill(0)
    const { bits: least, id: end } = within
    let mass = 0
    for (let id = 0; id < bits.length; id++) {
      const own = bits[id]!
      if (own < least || (own === least && id >= end)) continue
      const weight = odds ? odds[id]! : 1
      bins[own >>> SHIFT]! += weight
      mass += weight
    }
    const wanted = enough(mass)
    let bin = BINS - 1
    let sum = 0
    while (bin > 0 && sum + bins[bin]! < wanted) sum += bins[bin--]!
    const undecided: number[] = []
    for (let id = 0; id < bits.length; id++) if (bits[id]! >>> SHIFT === bin) undecided.push(id)
    undecided.sort((a, b) => bits[b]! - bits[a]! || a - b)
    for (const id of undecided) {
      if (sum >= wanted) return fewer(within, { bits: bits[id]!, id })
      sum += odds ? odds[id]! : 1
    }
    return fewer(within, { bits: bin << SHIFT, id: bits.length })
  }
}

/** The one of the two that leaves more out. */
function fewer(a: Kept, b: Kept): Kept {
  return a.bits > b.bits || (a.bits === b.bits && a.id < b.id) ? a : b
}

function fallsOn(
  odds: Float32Array,
  bits: Uint32Array,
  { bits: least, id: end }: Kept,
  uniform: number,
): number {
  let mass = 0
  for (let id = 0; id < odds.length; id++) {
    const own = bits[id]!
    if (own > least || (own === least && id < end)) mass += odds[id]!
  }
  const target = uniform * mass
  let sum = 0
  let last = 0
  for (let id = 0; id < odds.length; id++) {
    const own = bits[id]!
    if (own < least || (own === least && id >= end)) continue
    sum += odds[id]!
    last = id
    if (sum > target) break
  }
  return last
}

/** The whole number that has the bits of the least float32 which is not below the value. */
function bitsOf(value: number): number {
  const float = Float32Array.of(value)
  const [bits] = new Uint32Array(float.buffer)
  return float[0]! < value ? bits! + 1 : bits!
}
