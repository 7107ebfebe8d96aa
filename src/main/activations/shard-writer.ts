// Writes a shard: tokens and their activations, batch by batch, the same bytes for the same rows.
import type { ColumnArray } from '../store/arrow-columns.ts'
import { type ArrowSummary, ArrowWriter } from '../store/arrow-writer.ts'
import {
  FORMAT_VERSION,
  type NewShardRows,
  shardColumns,
  type ShardFormat,
  type ShardSummary,
} from './shard.ts'
import { toHalves } from './shard-float16.ts'
import { toBytes } from './shard-int8.ts'

export class ShardWriter {
  readonly #file: ArrowWriter
  readonly #format: ShardFormat
  #overflowed = 0
  #lost = 0
  #total = 0

  private constructor(file: ArrowWriter, format: ShardFormat) {
    this.#file = file
    this.#format = format
  }

  /** A shard that appears at `path` with `commit`. Throws `disk/…`. */
  static async create(path: string, format: ShardFormat): Promise<ShardWriter> {
    const { width, encoding } = format
    const own = { format: FORMAT_VERSION, encoding, width: String(width) }
    const file = await ArrowWriter.create(path, shardColumns(format), { ...format.metadata, ...own })
    return new ShardWriter(file, format)
  }

  /**
   * Appends `rows` as one record batch and resolves when the disk has taken them; until then they must not change, and
   * halves may be clipped where they are.
   * One call after the other; when it throws (`disk/…`, `activations/not-a-number`) the shard is to be given up.
   */
  async write(rows: NewShardRows): Promise<void> {
    const { activations, norms, ...tokens } = rows
    await this.#file.write(tokens.context.length, { ...tokens, ...this.#encoded(activations, norms) })
  }

  /** Ends the shard and puts it in its place, durably. Throws `disk/…`. */
  async commit(): Promise<ShardSummary> {
    const summary: ArrowSummary = await this.#file.commit()
    return { ...summary, overflowed: this.#overflowed, error: this.#error() }
  }

  /** Gives the shard up; may be called again, and after a failure. */
  async abort(): Promise<void> {
    await this.#file.abort()
  }

  #encoded(
    activations: NewShardRows['activations'],
    norms: NewShardRows['norms'],
  ): Record<string, ColumnArray> {
    if (this.#format.encoding === 'float16') {
      const { values, overflowed } = toHalves(activations, norms)
      this.#overflowed += overflowed
      return { activation: values }
    }
    if (activations instanceof Float16Array) throw new Error('Bytes are made of float32.')
    const { values, scale, lost, total } = toBytes(activations, this.#format.width)
    this.#lost += lost
    this.#total += total
    return { activation: values, scale }
  }

  #error(): number | null {
    if (this.#format.encoding === 'float16') return null
    return this.#total === 0 ? 0 : Math.sqrt(this.#lost / this.#total)
  }
}
