// How long the residual stream is at each position of a context, counted as it comes.

/** Bins of the logarithm of a norm: from 2^-4 on, four for each doubling. */
const FIRST = -4
const PER_DOUBLING = 4
const BINS = 80
/** Positions that have a row of their own; from there on, those of one doubling share one. */
const OWN = 8

/** JSON: rows of counts, one a group of positions, and the sum of the norms that count for the mean. */
export interface NormCounts {
  readonly rows: readonly (readonly number[])[]
  readonly count: number
  readonly sum: number
}

export const noNorms: NormCounts = { rows: [], count: 0, sum: 0 }

/** The index of the group a position belongs to. */
function positionGroup(position: number): number {
  return position < OWN ? position : OWN + Math.floor(Math.log2(position / OWN))
}

export class NormHistogram {
  readonly #rows: number[][]
  #count: number
  #sum: number

  constructor({ rows, count, sum }: NormCounts = noNorms) {
    this.#rows = rows.map((row) => [...row])
    this.#count = count
    this.#sum = sum
  }

  /** `typical`: it counts for the mean as well. */
  add(position: number, norm: number, { typical }: { readonly typical: boolean }): void {
    const group = positionGroup(position)
    while (this.#rows.length <= group) this.#rows.push(new Array<number>(BINS).fill(0))
    const bin = Math.floor((Math.log2(norm) - FIRST) * PER_DOUBLING)
    this.#rows[group]![Math.min(Math.max(bin, 0), BINS - 1)]!++
    if (!typical) return
    this.#count++
    this.#sum += norm
  }

  counts(): NormCounts {
    return { rows: this.#rows.map((row) => [...row]), count: this.#count, sum: this.#sum }
  }
}
