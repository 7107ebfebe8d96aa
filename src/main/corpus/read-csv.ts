// CSV: a record a row, of which one column is the text; the first row names the columns.
import { type CsvError, parse, type Parser } from 'csv-parse'
import type { Utf8 } from './encoding.ts'
import { DEFAULT_TEXT_FIELD, entriesOf, type Entry, type Fields, LONGEST_RECORD } from './record.ts'
import { replacementsIn } from './text.ts'

const DELIMITERS = [',', ';', '\t', '|']

/** What one row came to. */
type Row = { readonly record: Record<string, string> } | { readonly error: CsvError }

/** The rows of a file that begins with its columns' names. Places are row numbers from 1 on; a row has at most `longest` bytes. */
export async function* readCsv(
  { chunks }: Pick<Utf8, 'chunks'>,
  fields: Fields,
  longest = LONGEST_RECORD,
): AsyncGenerator<Entry> {
  const textField = fields.textField ?? DEFAULT_TEXT_FIELD
  const rows: Row[] = []
  const header: string[] = []
  let number = 0
  const source = chunks[Symbol.asyncIterator]()
  let next = await source.next()
  if (next.done) {
    yield { kind: 'skipped', place: '', reason: 'empty', detail: 'nothing is in it' }
    return
  }
  const parser = parse({
    columns: (names: string[]) => {
      header.push(...names)
      return names
    },
    delimiter: delimiterOf(next.value),
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longest,
    // both are called in the order of the file, which the stream's own output and its skips are not
    on_record: (record: Record<string, string>) => {
      rows.push({ record })
      return null
    },
    on_skip: (error) => {
      if (error) rows.push({ error })
      return undefined
    },
  })
  parser.resume()
  try {
    for (;;) {
      if (next.done) await finish(parser)
      else await write(parser, next.value)
      for (const row of rows.splice(0)) {
        const place = `:${++number}`
        if ('error' in row) {
          const lost = row.error.code === 'CSV_MAX_RECORD_SIZE'
          const detail = lost
            ? `a row has more than ${longest} bytes; a quote may not be closed, and what follows is lost`
            : row.error.message
          yield { kind: 'skipped', place, reason: lost ? 'damaged' : 'malformed', detail }
          if (lost) return
          continue
        }
        yield* entriesOf(row.record, fields, place, replacementsIn(row.record[textField] ?? ''))
      }
      if (header.length > 0 && !header.includes(textField)) {
        const detail = `there is no column "${textField}"; its columns are: ${header.slice(0, 20).join(', ')}`
        yield { kind: 'skipped', place: '', reason: 'no-text', detail }
        return
      }
      if (next.done) return
      next = await source.next()
    }
  } finally {
    parser.destroy()
    await source.return?.()
  }
}

/** The delimiter of which the first line has most; in text that is none a comma does no harm. */
function delimiterOf(beginning: Buffer): string {
  const end = beginning.indexOf(10)
  const header = beginning.toString('utf8', 0, end < 0 ? beginning.length : end).replace(/"[^"]*"/g, '')
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length)
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!
}

async function write(parser: Parser, chunk: Buffer): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    parser.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

async function finish(parser: Parser): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    parser.once('error', reject)
    parser.once('end', resolve)
    parser.end()
  })
}
