// The codes of rows on disk: two files for each shard of the harvest, one of codes and one of the rows they belong to.
import { join } from 'node:path'
import { release } from '../onnx/tensor.ts'
import type { Column } from '../store/arrow-columns.ts'
import { ArrowFile } from '../store/arrow-file.ts'
import { ArrowWriter } from '../store/arrow-writer.ts'
import { codesFile, INDEX_FORMAT, rowsFile } from './index-folder.ts'

/** What a row is: one that counts, a special token, or an attention sink. */
export const rowKinds = { counted: 0, special: 1, sink: 2 } as const

/** Rows that follow each other; those of a context are together. */
export interface RowColumns {
  readonly context: Uint32Array
  readonly position: Uint16Array
  readonly token: Int32Array
  /** Place among the groups of documents. */
  readonly group: Uint16Array
  /** See `rowKinds`. */
  readonly kind: Uint8Array
}

/** Whole contexts with their codes. */
export interface CodePiece extends RowColumns {
  readonly shard: number
  /** Of the shard's rows: the first of these. */
  readonly firstRow: number
  /** Of the shard's codes: the first of these. */
  readonly firstCode: number
  /** (rows + 1), into `features` and `values`. */
  readonly starts: Uint32Array
  readonly features: Uint16Array | Uint32Array
  readonly values: Float16Array
}

const rowColumns: readonly Column[] = [
  { name: 'context', type: 'uint32' },
  { name: 'position', type: 'uint16' },
  { name: 'token', type: 'int32' },
  { name: 'group', type: 'uint16' },
  { name: 'kind', type: 'uint8' },
  // where the row's codes begin; they end where the next row's begin
  { name: 'first', type: 'uint32' },
]
/** Features that take two bytes. */
const NARROW = 65_536
/** Codes of a piece, unless a single context has more. */
const CODES_AT_ONCE = 2 ** 20

export class CodesWriter {
  readonly #codes: ArrowWriter
  readonly #rows: ArrowWriter
  readonly #narrow: boolean
  #count = 0

  private constructor(codes: ArrowWriter, rows: ArrowWriter, narrow: boolean) {
    this.#codes = codes
    this.#rows = rows
    this.#narrow = narrow
  }

  /** The two files appear in `folder` with `commit`. Throws `disk/…`. */
  static async create(
    folder: string,
    shard: number,
    { F, metadata }: { readonly F: number; readonly metadata: Readonly<Record<string, string>> },
  ): Promise<CodesWriter> {
    const narrow = F <= NARROW
    const said = { ...metadata, format: String(INDEX_FORMAT), features: String(F) }
    const columns: readonly Column[] = [
      { name: 'feature', type: narrow ? 'uint16' : 'uint32' },
      { name: 'value', type: 'float16' },
    ]
    const codes = await ArrowWriter.create(join(folder, codesFile(shard)), columns, said)
    try {
      const rows = await ArrowWriter.create(join(folder, rowsFile(shard)), rowColumns, said)
      return new CodesWriter(codes, rows, narrow)
    } catch (error) {
      await codes.abort()
      throw error
    }
  }

  /** `starts` (rows + 1) are into `features` and `values`. Throws `disk/…`. */
  async write(
    rows: RowColumns,
    {
      starts,
      features,
      values,
    }: Readonly<Record<'starts' | 'features', Uint32Array>> & { readonly values: Float16Array },
  ): Promise<void> {
    const n = rows.context.length
    if (n === 0) return
    const first = starts.slice(0, n).map((start) => start + this.#count)
    const { context, position, token, group, kind } = rows
    await this.#rows.write(n, { context, position, token, group, kind, first })
    this.#count += features.length
    if (features.length === 0) return
    const feature = this.#narrow ? new Uint16Array(features) : features
    await this.#codes.write(features.length, { feature, value: values })
  }

  /** Rows last: where they are, the codes are, too. Throws `disk/…`. */
  async commit(): Promise<void> {
    await this.#codes.commit()
    await this.#rows.commit()
  }

  async abort(): Promise<void> {
    await this.#codes.abort()
    await this.#rows.abort()
  }
}

/** The rows and codes of a shard; only what is asked for is read. */
export class CodesFile {
  readonly shard: number
  readonly rows: number
  readonly codes: number
  readonly #rows: ArrowFile
  readonly #codes: ArrowFile

  private constructor(shard: number, rows: ArrowFile, codes: ArrowFile) {
    this.shard = shard
    this.rows = rows.rows
    this.codes = codes.rows
    this.#rows = rows
    this.#codes = codes
  }

  /** Throws `disk/…`, `arrow/damaged`, `arrow/foreign`. */
  static async open(folder: string, shard: number): Promise<CodesFile> {
    const rows = await ArrowFile.open(join(folder, rowsFile(shard)))
    try {
      return new CodesFile(shard, rows, await ArrowFile.open(join(folder, codesFile(shard))))
    } catch (error) {
      await rows.close()
      throw error
    }
  }

  /** `count` rows from `row` with their codes. Throws `disk/…`, `arrow/damaged`. */
  read(row: number, count: number): CodePiece {
    const read = (name: string) => this.#rows.readNow(name, row, count)
    const more = row + count < this.rows ? 1 : 0
    const first = this.#rows.readNow('first', row, count + more)
    const [from, to] = [first[0] ?? 0, more === 1 ? first[count]! : this.codes]
    const starts = new Uint32Array(count + 1)
    for (let at = 0; at < count; at++) starts[at] = first[at]! - from
    starts[count] = to - from
    return {
      ...{ shard: this.shard, firstRow: row, firstCode: from, starts },
      ...{ context: read('context') as Uint32Array, position: read('position') as Uint16Array },
      ...{ token: read('token') as Int32Array, group: read('group') as Uint16Array },
      kind: read('kind') as Uint8Array,
      features: this.#codes.readNow('feature', from, to - from) as CodePiece['features'],
      values: this.#codes.readNow('value', from, to - from) as Float16Array,
    }
  }

  /** All of it, in pieces of whole contexts, each gone when the next comes. Throws `disk/…`, `arrow/damaged`. */
  async *pieces(): AsyncGenerator<CodePiece> {
    if (this.rows === 0) return
    const [context, first] = await Promise.all([
      this.#rows.read('context', 0, this.rows) as Promise<Uint32Array>,
      this.#rows.read('first', 0, this.rows) as Promise<Uint32Array>,
    ])
    let from = 0
    // where the last whole context ended
    let end = 0
    for (let row = 1; row <= this.rows; row++) {
      if (row < this.rows && context[row] === context[row - 1]) continue
      const codes = (row < this.rows ? first[row]! : this.codes) - first[from]!
      if (codes > CODES_AT_ONCE && end > from) {
        yield* this.#passing(from, end - from)
        from = end
      }
      end = row
    }
    yield* this.#passing(from, this.rows - from)
  }

  *#passing(row: number, count: number): Generator<CodePiece> {
    const piece = this.read(row, count)
    yield piece
    // at once: passes would else leave more to the garbage collector than they hold
    const { context, position, token, group, kind, starts, features, values } = piece
    release(context, position, token, group, kind, starts, features, values)
  }

  async close(): Promise<void> {
    await Promise.all([this.#rows.close(), this.#codes.close()])
  }
}

/** All codes of an index of so many shards, in pieces, each gone when the next comes; `onShard` is told after each shard, and may throw to end it. */
export async function* allPieces(
  folder: string,
  shards: number,
  onShard?: (done: number) => Promise<void>,
): AsyncGenerator<CodePiece> {
  for (let shard = 0; shard < shards; shard++) {
    const file = await CodesFile.open(folder, shard)
    try {
      yield* file.pieces()
    } finally {
      await file.close()
    }
    await onShard?.(shard + 1)
  }
}

/** The rows of a piece at which contexts begin, and behind them where the last ends. */
export function contextStarts({ context }: Pick<RowColumns, 'context'>): number[] {
  const starts: number[] = []
  for (let row = 0; row < context.length; row++) {
    if (row === 0 || context[row] !== context[row - 1]) starts.push(row)
  }
  return [...starts, context.length]
}
