// Where training gets its rows: from a harvest, or from the model as it reads.
// Letters: D width of the model.
import type { CorpusPosition } from './chunk.ts'
import type { RowLoader } from './row-loader.ts'
import type { ShuffledPosition } from './shuffled-rows.ts'

/** Where reading stands; the same rows follow from the same place. */
export interface RowPosition extends ShuffledPosition {
  /** Of rows from the model: where in the corpus the pool before this one begins. */
  readonly corpus?: CorpusPosition
}

/** Thrown where rows are waited for that take long, when the work was asked to stop. */
export class AskedToStop extends Error {}

export interface RowSource {
  /** Goes on from there. */
  open(position: RowPosition): Promise<void>
  /** The next rows times `scale` (count, D), and where reading stands after them. One call at a time. */
  next(
    count: number,
    scale: number,
  ): Promise<{ readonly x: Float32Array<ArrayBuffer>; readonly position: RowPosition }>
  /** Rows that are never trained on, the same each time; null where there are none. */
  validation(batch: number): Pick<RowLoader, 'batches' | 'ledger'> | null
  close(): Promise<void>
}
