// Activations on their way from the thread that computes them to the one that writes them, in memory that both see.
import type { Residuals } from '../llama/harvester.ts'
import { release } from '../onnx/tensor.ts'

/** Rows without padding between them. */
export interface PackedRows {
  /** (rows, D) */
  readonly activations: Float32Array<SharedArrayBuffer> | Float16Array<SharedArrayBuffer>
  /** (rows): lengths of the activations. */
  readonly norms: Float32Array<SharedArrayBuffer>
}

/** Room for the rows of a batch. */
export interface RowSlot {
  /** D */
  readonly width: number
  readonly output: 'float32' | 'float16'
  readonly activations: SharedArrayBuffer
  readonly norms: SharedArrayBuffer
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
  readonly #slots: readonly RowSlot[]
  #turn = 0

  /** For up to `rows` rows of D = `width` values. */
  constructor({ rows, width, output }: Pick<RowSlot, 'width' | 'output'> & { readonly rows: number }) {
    const size = rows * width * (output === 'float16' ? 2 : 4)
    this.count = slotCount(size)
    this.#slots = Array.from({ length: this.count }, () => ({
      ...{ width, output },
      activations: new SharedArrayBuffer(size),
      norms: new SharedArrayBuffer(rows * Float32Array.BYTES_PER_ELEMENT),
    }))
  }

  /** The next slot, which the caller must be done with. */
  next(): RowSlot {
    return this.#slots[this.#turn++ % this.count]!
  }
}

/** The first `rows` rows of a slot. */
export function rowsIn({ width, output, activations, norms }: RowSlot, rows: number): PackedRows {
  return {
    activations:
      output === 'float16'
        ? new Float16Array(activations, 0, rows * width)
        : new Float32Array(activations, 0, rows * width),
    norms: new Float32Array(norms, 0, rows),
  }
}

/**
 * Puts the rows of `residuals` whose lengths are given into a slot, from row `first` on; `padded` is T. Tells how
 * many they are. The residuals are gone afterwards.
 */
export function pack(
  residuals: Residuals,
  { lengths, padded }: { readonly lengths: Iterable<number>; readonly padded: number },
  slot: RowSlot,
  first: number,
): number {
  const { width: D } = slot
  const all = rowsIn(slot, slot.norms.byteLength / Float32Array.BYTES_PER_ELEMENT)
  let at = first
  let from = 0
  for (const length of lengths) {
    all.activations.set(residuals.activations.subarray(from * D, (from + length) * D), at * D)
    all.norms.set(residuals.norms.subarray(from, from + length), at)
    at += length
    from += padded
  }
  release(residuals.activations, residuals.norms)
  return at - first
}
