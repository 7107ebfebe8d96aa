// What the codes of an index add up to, counted again piece by piece, to be held against what the index says.
// Letters: F features.
import { type CodePiece, contextStarts, rowKinds } from './codes.ts'

/** Of one feature, what its list of contexts must add up to. */
export interface FiredSums {
  readonly contexts: number
  /** Σ of the contexts' numbers, of the positions and of the values of the greatest activation in each. */
  readonly numbers: number
  readonly positions: number
  readonly values: number
  readonly max: number
}

/** Sums are over rows that count; pieces come in the order of the shards. */
export class Recount {
  rows = 0
  special = 0
  sinks = 0
  codes = 0
  contexts = 0
  /** (F): rows in which each feature fires. */
  readonly firings: Uint32Array
  readonly #contexts: Uint32Array
  readonly #numbers: Float64Array
  readonly #positions: Float64Array
  readonly #values: Float64Array
  readonly #max: Float32Array
  /** (F), of the context that is looked at: the greatest activation, and where the first of that size is. */
  readonly #best: Float32Array
  readonly #bestAt: Uint16Array

  constructor(F: number) {
    this.firings = new Uint32Array(F)
    this.#contexts = new Uint32Array(F)
    this.#numbers = new Float64Array(F)
    this.#positions = new Float64Array(F)
    this.#values = new Float64Array(F)
    this.#max = new Float32Array(F)
    this.#best = new Float32Array(F)
    this.#bestAt = new Uint16Array(F)
  }

  get alive(): number {
    return this.firings.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0)
  }

  /** Whole contexts; what is wrong with them in words, null when nothing is. */
  add(piece: CodePiece): string | null {
    const begins = contextStarts(piece)
    for (let index = 0; index + 1 < begins.length; index++) {
      const problem = this.#context(piece, begins[index]!, begins[index + 1]!)
      if (problem !== null) return `${problem} (context ${piece.context[begins[index]!]})`
      this.contexts++
    }
    return null
  }

  of(feature: number): FiredSums {
    return {
      ...{ contexts: this.#contexts[feature]!, numbers: this.#numbers[feature]! },
      ...{ positions: this.#positions[feature]!, values: this.#values[feature]! },
      max: this.#max[feature]!,
    }
  }

  #context({ context, kind, position, starts, features, values }: CodePiece, from: number, to: number) {
    const F = this.firings.length
    const fired: number[] = []
    for (let row = from; row < to; row++) {
      const its = kind[row]
      const counts = its === rowKinds.counted
      if (counts) this.rows++
      else if (its === rowKinds.special) this.special++
      else if (its === rowKinds.sink) this.sinks++
      else return `a row is of the kind ${its}, which there is none of`
      if (starts[row]! > starts[row + 1]!) return 'the codes of a row end before they begin'
      for (let at = starts[row]!; at < starts[row + 1]!; at++) {
        const [feature, value] = [features[at]!, values[at]!]
        if (feature >= F) return `feature ${feature} fires, and there are ${F}`
        if (at > starts[row]! && feature <= features[at - 1]!) return 'the features of a row are not in order'
        if (!(value > 0 && value < Infinity)) return `feature ${feature} has the activation ${value}`
        if (!counts) continue
        this.codes++
        this.firings[feature]!++
        if (this.#best[feature] === 0) fired.push(feature)
        if (value <= this.#best[feature]!) continue
        this.#best[feature] = value
        this.#bestAt[feature] = position[row]!
      }
    }
    for (const feature of fired) {
      const value = this.#best[feature]!
      this.#contexts[feature]!++
      this.#numbers[feature]! += context[from]!
      this.#positions[feature]! += this.#bestAt[feature]!
      this.#values[feature]! += value
      if (value > this.#max[feature]!) this.#max[feature] = value
      this.#best[feature] = 0
    }
    return null
  }
}

/** The same of a list of contexts; null where it is not ascending. */
export function sumsOf({
  context,
  position,
  value,
}: {
  readonly context: Uint32Array
  readonly position: Uint16Array
  readonly value: Float16Array
}): FiredSums | null {
  const sums = { contexts: context.length, numbers: 0, positions: 0, values: 0, max: 0 }
  for (let at = 0; at < context.length; at++) {
    if (at > 0 && context[at]! <= context[at - 1]!) return null
    sums.numbers += context[at]!
    sums.positions += position[at]!
    sums.values += value[at]!
    if (value[at]! > sums.max) sums.max = value[at]!
  }
  return sums
}
