// Reads tables of numbers from Arrow IPC files: whole batches, or a few rows anywhere without the rest.
import { readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { type Column, type ColumnArray, rowBytes, viewOf } from './arrow-columns.ts'
import {
  type ArrowLayout,
  type BatchLayout,
  damaged,
  readExactly,
  readLayout,
  startsIn,
} from './arrow-layout.ts'
import { guarded } from './database.ts'
import { explained, ioError } from './io-error.ts'

export class ArrowFile {
  readonly columns: readonly Column[]
  /** The schema's. */
  readonly metadata: Readonly<Record<string, string>>
  readonly rows: number
  /** In the order of their rows. */
  readonly batches: readonly Pick<BatchLayout, 'firstRow' | 'rows'>[]
  readonly #path: string
  readonly #file: FileHandle
  readonly #layout: ArrowLayout
  /** Where the columns of a batch begin, of those that were read. */
  readonly #starts = new Map<BatchLayout, readonly number[]>()

  private constructor(path: string, file: FileHandle, layout: ArrowLayout) {
    this.#path = path
    this.#file = file
    this.#layout = layout
    this.columns = layout.columns
    this.metadata = layout.metadata
    this.rows = layout.rows
    this.batches = layout.batches
  }

  /** Opens what `ArrowWriter` wrote. Throws `disk/…`, `arrow/damaged`, `arrow/foreign`. */
  static async open(path: string): Promise<ArrowFile> {
    const file = await explained(path, () => open(path, 'r'))
    try {
      return new ArrowFile(path, file, await readLayout(file, path))
    } catch (error) {
      await file.close()
      throw ioError(error, path)
    }
  }

  /** `count` rows of the column from `row`, across batches. Throws `disk/…`, `arrow/damaged`. */
  async read(name: string, row: number, count: number): Promise<ColumnArray> {
    const { column, index, size } = this.#columnOf(name, row, count)
    const bytes = new Uint8Array(count * size)
    const touched = this.#layout.batches.filter(
      ({ firstRow, rows }) => firstRow < row + count && firstRow + rows > row,
    )
    await Promise.all(
      touched.map(async (batch) => {
        const { firstRow, rows } = batch
        const from = Math.max(row, firstRow)
        const to = Math.min(row + count, firstRow + rows)
        const part = bytes.subarray((from - row) * size, (to - row) * size)
        await this.#fill(part, this.#startsOf(batch)[index]! + (from - firstRow) * size)
      }),
    )
    return viewOf(column.type, bytes)
  }

  /** As `read`, without letting anything else run meanwhile: for many short reads in a thread that does nothing else. */
  readNow(name: string, row: number, count: number): ColumnArray {
    const { column, index, size } = this.#columnOf(name, row, count)
    const bytes = new Uint8Array(count * size)
    const { batches } = this.#layout
    for (let at = batchOf(batches, row); at < batches.length && batches[at]!.firstRow < row + count; at++) {
      const { firstRow, rows } = batches[at]!
      const from = Math.max(row, firstRow)
      const to = Math.min(row + count, firstRow + rows)
      if (to <= from) continue
      const part = bytes.subarray((from - row) * size, (to - row) * size)
      this.#fillNow(part, this.#startsOf(batches[at]!)[index]! + (from - firstRow) * size)
    }
    return viewOf(column.type, bytes)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #columnOf(name: string, row: number, count: number) {
    if (row < 0 || count < 0 || row + count > this.rows) {
      throw new RangeError(`Rows ${row} to ${row + count} of ${this.rows} were asked for.`)
    }
    const index = this.columns.findIndex((column) => column.name === name)
    const column = this.columns[index]
    if (!column) throw new Error(`There is no column "${name}".`)
    return { column, index, size: rowBytes(column) }
  }

  /** From the batch's header, which is short, and read when its first rows are. */
  #startsOf(batch: BatchLayout): readonly number[] {
    const known = this.#starts.get(batch)
    if (known) return known
    const header = new Uint8Array(batch.header.length)
    this.#fillNow(header, batch.header.start)
    let starts: readonly number[]
    try {
      starts = startsIn(header, batch, this.columns)
    } catch (error) {
      throw damaged(this.#path, error)
    }
    this.#starts.set(batch, starts)
    return starts
  }

  #fillNow(bytes: Uint8Array, position: number): void {
    for (let done = 0; done < bytes.length;) {
      const read = guarded(this.#path, () =>
        readSync(this.#file.fd, bytes, done, bytes.length - done, position + done),
      )
      if (read === 0) throw damaged(this.#path)
      done += read
    }
  }

  async #fill(bytes: Uint8Array, position: number): Promise<void> {
    try {
      await readExactly(this.#file, position, bytes)
    } catch (error) {
      const explanation = ioError(error, this.#path)
      throw explanation === error ? damaged(this.#path, error) : explanation
    }
  }
}

/** The place of the batch that holds a row: the last that begins at or before it. */
function batchOf(batches: readonly Pick<BatchLayout, 'firstRow'>[], row: number): number {
  let [low, high] = [0, batches.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (batches[middle]!.firstRow <= row) low = middle
    else high = middle - 1
  }
  return low
}
