// How long the residual stream is at each position of a context, counted as it comes.
import { normBin, normBins, positionGroup } from '../../shared/norm-bins.ts'

/** JSON: rows of counts, one a group of positions, and the sum of the norms that count for the mean. */
export interface NormCounts {
  readonly rows: readonly (readonly number[])[]
  readonly count: number
  readonly sum: number
}

export const noNorms: NormCounts = { rows: [], count: 0, sum: 0 }

/** Of the norms that count; 0 without any. */
export function meanNorm({ count, sum }: NormCounts): number {
  return count === 0 ? 0 : sum / count
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
    while (this.#rows.length <= group) this.#rows.push(new Array<number>(normBins.count).fill(0))
    this.#rows[group]![normBin(norm)]!++
    if (!typical) return
    this.#count++
    this.#sum += norm
  }

  counts(): NormCounts {
    return { rows: this.#rows.map((row) => [...row]), count: this.#count, sum: this.#sum }
  }
}
