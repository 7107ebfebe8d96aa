// Activations on their way from the thread that computes them to the one that writes them, in memory that both see.
import { release, type Residuals } from '../llama/harvest.ts'

/** Rows without padding between them. */
export interface PackedRows {
  /** (rows, D) */
  readonly activations: Float32Array<SharedArrayBuffer> | Float16Array<SharedArrayBuffer>
  /** (rows): lengths of the activations. */
  readonly norms: Float32Array<SharedArrayBuffer>
}

/** Of all slots together; two there are in any case. */
const MOST_BYTES = 32e6
const [LEAST, MOST] = [2, 8]

/** How many slots there are, of so many bytes each. */
export function slotCount(bytes: number): number {
  return Math.max(LEAST, Math.min(MOST, Math.floor(MOST_BYTES / bytes)))
}

/** Slots that are filled in turn, so that nothing is allocated for a batch. */
export class RowSlots {
  readonly count: number
  readonly #width: number
  readonly #slots: readonly { readonly activations: SharedArrayBuffer; readonly norms: SharedArrayBuffer }[]
  #turn = 0

  /** For up to `rows` rows of D = `width` values of `bytes` bytes. */
  constructor({
    rows,
    width,
    bytes,
  }: {
    readonly rows: number
    readonly width: number
    readonly bytes: number
  }) {
    const size = rows * width * bytes
    this.count = slotCount(size)
    this.#width = width
    this.#slots = Array.from({ length: this.count }, () => ({
      activations: new SharedArrayBuffer(size),
      norms: new SharedArrayBuffer(rows * Float32Array.BYTES_PER_ELEMENT),
    }))
  }

  /**
   * The rows of `residuals` whose lengths are given, in the next slot, which the caller must be done with; `padded`
   * is T. The residuals are gone afterwards.
   */
  pack(residuals: Residuals, lengths: readonly number[], padded: number): PackedRows {
    const { activations, norms } = residuals
    const D = this.#width
    const slot = this.#slots[this.#turn++ % this.count]!
    const total = lengths.reduce((sum, length) => sum + length, 0)
    const packed: PackedRows = {
      activations:
        activations instanceof Float16Array
          ? new Float16Array(slot.activations, 0, total * D)
          : new Float32Array(slot.activations, 0, total * D),
      norms: new Float32Array(slot.norms, 0, total),
    }
    let at = 0
    for (const [row, length] of lengths.entries()) {
      const from = row * padded
      packed.activations.set(activations.subarray(from * D, (from + length) * D), at * D)
      packed.norms.set(norms.subarray(from, from + length), at)
      at += length
    }
    release(residuals)
    return packed
  }
}
