// Reads a shard: batch by batch, or any rows without the rest.
import { expected } from '../../shared/errors.ts'
import { ArrowFile } from '../store/arrow-file.ts'
import { FORMAT_VERSION, shardColumns, type ShardFormat, type ShardRows } from './shard.ts'
import { fromBytes } from './shard-int8.ts'

export class ShardReader {
  readonly format: ShardFormat
  readonly rows: number
  readonly #file: ArrowFile

  private constructor(file: ArrowFile, format: ShardFormat) {
    this.#file = file
    this.format = format
    this.rows = file.rows
  }

  /** Throws `disk/…`, `arrow/damaged`, `arrow/foreign`, `shard/foreign`, `shard/newer`. */
  static async open(path: string): Promise<ShardReader> {
    const file = await ArrowFile.open(path)
    try {
      return new ShardReader(file, formatOf(file, path))
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** All rows, a record batch as it was written at a time. Throws `disk/…`, `arrow/damaged`. */
  async *batches(): AsyncGenerator<ShardRows> {
    for (const { firstRow, rows } of this.#file.batches) yield await this.read(firstRow, rows)
  }

  /** `count` rows from `row`; they must be there. Reads only them. Throws `disk/…`, `arrow/damaged`. */
  async read(row: number, count: number): Promise<ShardRows> {
    const [places, activations] = await Promise.all([this.places(row, count), this.activations(row, count)])
    return { ...places, activations }
  }

  /** What the rows from `row` are, without their activations. Throws `disk/…`, `arrow/damaged`. */
  async places(row: number, count: number): Promise<Omit<ShardRows, 'activations'>> {
    const read = (name: string) => this.#file.read(name, row, count)
    const [context, position, token, sentence, split] = await Promise.all([
      read('context') as Promise<Uint32Array>,
      read('position') as Promise<Uint16Array>,
      read('token') as Promise<Int32Array>,
      read('sentence') as Promise<Uint32Array>,
      read('split') as Promise<Uint8Array>,
    ])
    return { context, position, token, sentence, split }
  }

  /** (count, D) of the rows from `row`, without their tokens. Throws `disk/…`, `arrow/damaged`. */
  async activations(row: number, count: number): Promise<Float32Array> {
    const values = await this.#file.read('activation', row, count)
    if (this.format.encoding === 'float16') return new Float32Array(values)
    const scale = await this.#file.read('scale', row, count)
    return fromBytes(values as Int8Array, scale as Float32Array, this.format.width)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** Opens the shard at `path` for `work`, and closes it whatever comes of that. Throws as opening does. */
export async function withShard<T>(path: string, work: (shard: ShardReader) => Promise<T>): Promise<T> {
  const shard = await ShardReader.open(path)
  try {
    return await work(shard)
  } finally {
    await shard.close()
  }
}

function formatOf(file: ArrowFile, path: string): ShardFormat {
  const { format, encoding, width, ...metadata } = file.metadata
  if (format !== undefined && Number(format) > Number(FORMAT_VERSION)) {
    throw expected(
      'shard/newer',
      `${path} was written by a newer Monoscope (format ${format}; this one knows up to ${FORMAT_VERSION}).`,
      'Update Monoscope to read it.',
    )
  }
  const known = encoding === 'float16' || encoding === 'int8' ? encoding : undefined
  const columns = known && shardColumns({ width: Number(width), encoding: known })
  if (!known || JSON.stringify(columns) !== JSON.stringify(file.columns)) {
    throw expected(
      'shard/foreign',
      `${path} is no shard of activations.`,
      'Choose a file that a harvest wrote (shard-00000.arrow and so on).',
    )
  }
  return { width: Number(width), encoding: known, metadata }
}
