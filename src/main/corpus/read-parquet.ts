// Parquet: one column is the text; a group of rows is held at a time, and of the columns only those that are wanted.
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { parquetMetadataAsync, parquetReadObjects, type RowGroup } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { cancelled, MonoscopeError } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'
import type { Bytes, Watch } from './bytes.ts'
import { DEFAULT_TEXT_FIELD, entriesOf, type Entry, type Fields } from './record.ts'
import { textOf } from './text.ts'

/** Bytes the wanted columns of a row group may have when decompressed. */
const LARGEST_GROUP = 1024 * 1024 * 1024

/** Node's own are faster where it has them. */
const decompress = {
  ...compressors,
  ZSTD: (input: Uint8Array, length: number) => zstdDecompressSync(input, { maxOutputLength: length }),
  GZIP: (input: Uint8Array, length: number) => gunzipSync(input, { maxOutputLength: length }),
  BROTLI: (input: Uint8Array, length: number) => brotliDecompressSync(input, { maxOutputLength: length }),
}

/** The rows of a file, row group by row group. Places are row numbers from 1 on. Throws what is wrong with its footer. */
export async function* readParquet(
  bytes: Bytes,
  fields: Fields,
  { onRead, signal }: Watch,
): AsyncGenerator<Entry> {
  const file = {
    byteLength: bytes.size,
    slice: (start: number, end = bytes.size) => bytes.slice(start < 0 ? bytes.size + start : start, end),
  }
  const metadata = await parquetMetadataAsync(file)
  const names = [...new Set(metadata.row_groups[0]?.columns.map(nameOf))]
  const { textField = DEFAULT_TEXT_FIELD, stratumField, languageField } = fields
  const root = rootOf(names, textField)
  if (!names.includes(root)) {
    const detail = `there is no column "${root}"; its columns are: ${names.slice(0, 20).join(', ')}`
    yield { kind: 'skipped', place: '', reason: names.length === 0 ? 'empty' : 'no-text', detail }
    return
  }
  const others = [stratumField, languageField].flatMap((field) =>
    field === undefined ? [] : [rootOf(names, field)],
  )
  const wanted = [root, ...others]
  const share = bytes.size / Number(metadata.num_rows)
  let row = 0
  for (const group of metadata.row_groups) {
    if (signal?.aborted) throw cancelled()
    const rows = Number(group.num_rows)
    const columns = columnsOf(group, wanted)
    const place = `:${row + 1}-${row + rows}`
    const size = sizeOf(group, columns)
    row += rows
    if (size > LARGEST_GROUP) {
      const detail = `these ${rows} rows are one group of ${formatBytes(size)}, which is not held in memory`
      yield { kind: 'skipped', place, reason: 'too-long', detail }
      continue
    }
    const broken = new Map<string, number>()
    let records: Record<string, unknown>[]
    try {
      records = await parquetReadObjects({
        file,
        metadata,
        columns,
        rowStart: row - rows,
        rowEnd: row,
        compressors: decompress,
        parsers: { stringFromBytes: (string) => decoded(string, broken) },
      })
    } catch (error) {
      if (error instanceof MonoscopeError) throw error
      const detail = `these ${rows} rows cannot be read: ${error instanceof Error ? error.message : String(error)}`
      yield { kind: 'skipped', place, reason: 'damaged', detail }
      continue
    }
    for (const [index, record] of records.entries()) {
      onRead?.(share)
      const text = record[textField]
      const replaced = typeof text === 'string' ? (broken.get(text) ?? 0) : 0
      yield* entriesOf(plain(record), fields, `:${row - rows + index + 1}`, replaced)
    }
  }
}

/** The top-level column that a field is in, or would be. */
function rootOf(names: readonly string[], field: string): string {
  return names.includes(field) ? field : (field.split('.')[0] ?? field)
}

/** Those wanted that there are, and the simple ones beside them that take less room than they do. */
function columnsOf(group: RowGroup, wanted: readonly string[]): string[] {
  const limit = sizeOf(group, wanted)
  const kept = group.columns.filter((column) => {
    const { meta_data: meta } = column
    const beside = meta?.path_in_schema.length === 1 && Number(meta.total_uncompressed_size) < limit
    return beside || wanted.includes(nameOf(column))
  })
  return [...new Set(kept.map(nameOf))]
}

function nameOf(column: RowGroup['columns'][number]): string {
  return column.meta_data?.path_in_schema[0] ?? ''
}

function sizeOf(group: RowGroup, columns: readonly string[]): number {
  return group.columns
    .filter((column) => columns.includes(nameOf(column)))
    .reduce((sum, { meta_data: meta }) => sum + Number(meta?.total_uncompressed_size ?? 0), 0)
}

/** UTF-8 as text; what was broken in it is noted by the text it became. */
function decoded(bytes: Uint8Array | undefined, broken: Map<string, number>): string | undefined {
  if (!bytes) return undefined
  const { text, replaced } = textOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 'utf-8')
  if (replaced > 0) broken.set(text, replaced)
  return text
}

/** `value` as JSON can say it: 64-bit integers and dates are none of its types, and bytes are no description. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (ArrayBuffer.isView(value) || value === undefined) return null
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}
