// Counts what features do over sets of prompts: a few numbers a feature, however many prompts there are.
// Letters: F features, T tokens of a prompt, n features that fired.
import { flagThresholds } from '../../../shared/feature-flags.ts'
import type { TokenCodes } from '../../../shared/features.ts'
import { type LabMeasure, labMeasures, type LabRun, relations } from '../../../shared/prompt-lab.ts'
import { correlation } from '../aligned.ts'

type Numbers = Pick<LabRun, 'features' | 'measures' | 'shares' | 'relation' | 'both'>
type Codes = Pick<TokenCodes, 'special' | 'starts' | 'features' | 'values'>

/** Of one measure of one side, (F) each: sums over prompts, of values and of their squares. */
interface Sums {
  readonly sum: Float64Array
  readonly squares: Float64Array
}

interface Side {
  prompts: number
  readonly sums: Readonly<Record<LabMeasure, Sums>>
  /** (F): prompts in which it fires. */
  readonly fires: Uint32Array
}

export class LabTally {
  readonly #F: number
  readonly #sides: readonly Side[]
  /** (F): pairs in which it fires in both; null where sides are no translations. */
  readonly #both: Uint32Array | null
  /** (F) each, of the prompt that is being added. */
  readonly #now: Readonly<Record<LabMeasure, Float64Array>>

  constructor(F: number, sides: number, paired: boolean) {
    this.#F = F
    this.#sides = Array.from({ length: sides }, () => ({
      prompts: 0,
      sums: each(() => ({ sum: new Float64Array(F), squares: new Float64Array(F) })),
      fires: new Uint32Array(F),
    }))
    this.#both = paired ? new Uint32Array(F) : null
    this.#now = each(() => new Float64Array(F))
  }

  /** Adds a prompt to a side; what fired in it. Special tokens do not count. */
  add(side: number, { special, starts, features, values }: Codes): ReadonlySet<number> {
    const into = this.#sides[side]!
    const { all, last, max } = this.#now
    const fired = new Set<number>()
    const final = special.lastIndexOf(0)
    let tokens = 0
    for (let token = 0; token < special.length; token++) {
      if (special[token] !== 0) continue
      tokens++
      for (let at = starts[token]!; at < starts[token + 1]!; at++) {
        const [feature, value] = [features[at]!, values[at]!]
        fired.add(feature)
        all[feature]! += value
        if (value > max[feature]!) max[feature] = value
        if (token === final) last[feature] = value
      }
    }
    into.prompts++
    for (const feature of fired) {
      all[feature]! /= tokens
      into.fires[feature]!++
      for (const measure of labMeasures) {
        const value = this.#now[measure][feature]!
        into.sums[measure].sum[feature]! += value
        into.sums[measure].squares[feature]! += value * value
        this.#now[measure][feature] = 0
      }
    }
    return fired
  }

  /** As two prompts that say the same, one a side. */
  addPair(first: Codes, second: Codes): void {
    const inFirst = this.add(0, first)
    for (const feature of this.add(1, second)) {
      if (this.#both && inFirst.has(feature)) this.#both[feature]!++
    }
  }

  numbers(): Numbers {
    const sides = this.#sides
    const fired = (feature: number) => sides.some(({ fires }) => fires[feature]! > 0)
    const features = Uint32Array.from({ length: this.#F }, (_, feature) => feature).filter(fired)
    const columns = (of: (feature: number) => number) => Float32Array.from(features, of)
    const both = this.#both
    return {
      features,
      measures: each((measure) => ({
        means: sides.map((side) => columns((feature) => meanOf(side, measure, feature))),
        effect: sides.length === 2 ? columns((feature) => this.#effect(measure, feature)) : null,
      })),
      shares: sides.map(({ fires, prompts }) => columns((feature) => fires[feature]! / Math.max(1, prompts))),
      relation: both && Uint8Array.from(features, (feature) => this.#relation(feature, both[feature]!)),
      both: both && Uint32Array.from(features, (feature) => both[feature]!),
    }
  }

  /** Cohen's d: the difference of the means over the pooled standard deviation of the prompts. */
  #effect(measure: LabMeasure, feature: number): number {
    const [a, b] = [this.#sides[0]!, this.#sides[1]!]
    const freedom = a.prompts + b.prompts - 2
    const spread = deviations(a, measure, feature) + deviations(b, measure, feature)
    if (freedom <= 0 || !(spread > 0)) return Number.NaN
    return (meanOf(a, measure, feature) - meanOf(b, measure, feature)) / Math.sqrt(spread / freedom)
  }

  /**
   * Place in `relations`. Of one language where 95 % of its mean over all tokens is in it; independent of both where it
   * fires in both texts of 5 pairs or more, and firing in one goes with firing in the other (correlation 0.4 or more).
   */
  #relation(feature: number, both: number): number {
    const [a, b] = [this.#sides[0]!, this.#sides[1]!]
    const [x, y] = [a.fires[feature]!, b.fires[feature]!]
    const [mean, other] = [meanOf(a, 'all', feature), meanOf(b, 'all', feature)]
    const { language, alignedTexts, aligned } = flagThresholds
    if (x + y < alignedTexts) return relations.indexOf('other')
    if (mean / (mean + other) >= language) return relations.indexOf('first')
    if (other / (mean + other) >= language) return relations.indexOf('second')
    if (both >= alignedTexts && correlation(a.prompts, x, y, both) >= aligned) {
      return relations.indexOf('independent')
    }
    return relations.indexOf('other')
  }
}

function each<T>(make: (measure: LabMeasure) => T): Record<LabMeasure, T> {
  return { all: make('all'), last: make('last'), max: make('max') }
}

function meanOf({ sums, prompts }: Side, measure: LabMeasure, feature: number): number {
  return prompts === 0 ? 0 : sums[measure].sum[feature]! / prompts
}

/** Squared deviations from the mean, summed over prompts; what is left of rounding counts as none. */
function deviations({ sums, prompts }: Side, measure: LabMeasure, feature: number): number {
  const sum = sums[measure].sum[feature]!
  const squares = sums[measure].squares[feature]!
  const left = squares - (sum * sum) / Math.max(1, prompts)
  return left > 1e-12 * squares ? left : 0
}
