// Rows that validate, kept in memory, and handed out in batches of the size that was asked for.
// Letters: D width of the model, n rows.
import type { RowBatch, RowLoader } from './row-loader.ts'

export class HeldRows {
  /** (n, D) */
  readonly rows: Float32Array<ArrayBuffer>
  /** (n): which token each is of. */
  readonly tokens: Int32Array<ArrayBuffer>
  readonly #D: number

  constructor(rows: Float32Array<ArrayBuffer>, tokens: Int32Array<ArrayBuffer>, D: number) {
    this.rows = rows
    this.tokens = tokens
    this.#D = D
  }

  /** The same each time; null where there are none. */
  loader(batch: number): Pick<RowLoader, 'batches' | 'ledger'> | null {
    const { rows, tokens: all } = this
    const D = this.#D
    if (rows.length === 0) return null
    const ledger: Record<string, number> = {}
    async function* batches(): AsyncGenerator<RowBatch> {
      for (let at = 0; at < rows.length; at += batch * D) {
        const activations = rows.slice(at, at + batch * D)
        const count = activations.length / D
        ledger[count] = (ledger[count] ?? 0) + 1
        const tokens = all.slice(at / D, at / D + count)
        yield await Promise.resolve({ count, activations, tokens })
      }
    }
    return { batches, ledger }
  }
}
