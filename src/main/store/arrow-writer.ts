// Writes tables of numbers as Arrow IPC files: batch by batch, the same bytes for the same rows.
import { createHash } from 'node:crypto'
import * as arrow from 'apache-arrow'
import { type Column, type ColumnArray, toData, toField } from './arrow-columns.ts'
import { AtomicFile } from './atomic.ts'

/** Bytes from which copying costs more than a write of its own. */
const LONG = 65_536

/** What a finished file holds. */
export interface ArrowSummary {
  readonly rows: number
  readonly bytes: number
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string
}

export class ArrowWriter {
  readonly #file: AtomicFile
  readonly #columns: readonly Column[]
  readonly #schema: arrow.Schema
  readonly #encoder = new Encoder()
  readonly #hash = createHash('sha256')
  #rows = 0
  #bytes = 0

  private constructor(file: AtomicFile, columns: readonly Column[], schema: arrow.Schema) {
    this.#file = file
    this.#columns = columns
    this.#schema = schema
    this.#encoder.reset(undefined, schema)
  }

  /** A file that appears at `path` with `commit`; `metadata` is the schema's, sorted. Throws `disk/…`. */
  static async create(
    path: string,
    columns: readonly Column[],
    metadata: Readonly<Record<string, string>>,
  ): Promise<ArrowWriter> {
    // code units, not a locale, so that the order is the same everywhere
    const sorted = new Map(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))
    const schema = new arrow.Schema(columns.map(toField), sorted)
    return new ArrowWriter(await AtomicFile.create(path), columns, schema)
  }

  /**
   * Appends `rows` rows as one record batch; `values` has an array for each column, which must not change until this
   * resolves. One call after the other. Throws `disk/…`, after which the file is given up.
   */
  async write(rows: number, values: Readonly<Record<string, ColumnArray>>): Promise<void> {
    const children = this.#columns.map((column) => {
      const array = values[column.name]
      if (!array) throw new Error(`Column "${column.name}" has no values.`)
      return toData(column, rows, array)
    })
    const type = new arrow.Struct(this.#schema.fields)
    const data = arrow.makeData({ type, children, length: rows, nullCount: 0 })
    this.#encoder.write(new arrow.RecordBatch(this.#schema, data))
    await this.#flush()
    this.#rows += rows
  }

  /** Ends the file and puts it in its place, durably. Throws `disk/…`. */
  async commit(): Promise<ArrowSummary> {
    this.#encoder.finish()
    await this.#flush()
    await this.#file.commit()
    return { rows: this.#rows, bytes: this.#bytes, sha256: this.#hash.digest('hex') }
  }

  /** Gives the file up. */
  async abort(): Promise<void> {
    await this.#file.abort()
  }

  async #flush(): Promise<void> {
    for (const bytes of this.#encoder.take()) {
      this.#hash.update(bytes)
      this.#bytes += bytes.length
      await this.#file.write(bytes)
    }
  }
}

/** Arrow's file writer, whose bytes are taken from it instead of streamed, so that who writes waits for the disk. */
class Encoder extends arrow.RecordBatchFileWriter {
  readonly #chunks: Uint8Array[] = []

  /** What was encoded since the last call, in pieces: long columns as they are, what is short put together. */
  take(): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let short: Uint8Array[] = []
    const join = () => {
      if (short.length > 0) pieces.push(Buffer.concat(short))
      short = []
    }
    for (const chunk of this.#chunks.splice(0)) {
      if (chunk.length < LONG) short.push(chunk)
      else {
        join()
        pieces.push(chunk)
      }
    }
    join()
    return pieces
  }

  protected override _write(chunk: ArrayBufferView<ArrayBuffer>): this {
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this._position += chunk.byteLength
    return this
  }

  /** With the schema's message, which the format asks for and readers that stream the file need. */
  protected override _writeSchema(schema: arrow.Schema): this {
    return super._writeSchema(schema)._writeMessage(arrow.Message.from(schema as never))
  }
}
