// What is in one file, whatever its format; a broken file gives what can be read of it and says why there is no more.
import { MonoscopeError } from '../../shared/errors.ts'
import { readCsv } from './read-csv.ts'
import { readParquet } from './read-parquet.ts'
import { type Bytes, streamed, type Watch } from './bytes.ts'
import { type Utf8, utf8Of } from './encoding.ts'
import { formatOf } from './formats.ts'
import { inflated } from './inflate.ts'
import { linesOf } from './lines.ts'
import { entriesOf, type Entry, type Fields, hasText, LONGEST_RECORD, partOf } from './record.ts'
import { piecesOf, textOf } from './text.ts'

/** The entries of the file called `name`. Throws only `cancelled` and errors of the network. */
export async function* readEntries(
  name: string,
  bytes: Bytes,
  fields: Fields,
  watch: Watch = {},
): AsyncGenerator<Entry> {
  const { content, compression } = formatOf(name)
  try {
    if (content === 'parquet' && compression === null) {
      yield* readParquet(bytes, fields, watch)
      return
    }
    // of what is packed only what was unpacked is done with
    const chunks = compression
      ? inflated(streamed(bytes, { signal: watch.signal }), compression, watch.onRead)
      : streamed(bytes, watch)
    const utf8 = await utf8Of(chunks)
    if (utf8.encoding === 'binary') {
      yield {
        kind: 'skipped',
        place: '',
        reason: 'binary',
        detail: 'it holds something else than text',
      }
      return
    }
    watch.onEncoding?.(utf8.encoding)
    if (content === 'lines') yield* readLines(utf8, fields)
    else if (content === 'csv') yield* readCsv(utf8, fields)
    else yield* readText(utf8)
  } catch (error) {
    if (error instanceof MonoscopeError) throw error
    yield {
      kind: 'skipped',
      place: '',
      reason: 'damaged',
      detail: `what follows cannot be read: ${reasonOf(error)}`,
    }
  }
}

/** A text file is a document; a very long one is several. */
async function* readText({ chunks, encoding }: Utf8): AsyncGenerator<Entry> {
  let part = 0
  for await (const piece of piecesOf(chunks)) {
    const place = partOf('', ++part)
    const { text, replaced } = textOf(piece, encoding)
    if (hasText(text))
      yield { kind: 'text', place, text, replaced, stratum: null, language: null, meta: null }
    else yield { kind: 'skipped', place, reason: 'empty', detail: 'nothing is in it' }
  }
}

/** JSON lines: an object a line; empty lines are none, and nothing else is an empty file. */
async function* readLines({ chunks, encoding }: Utf8, fields: Fields): AsyncGenerator<Entry> {
  let empty = true
  for await (const { number, bytes } of linesOf(chunks, LONGEST_RECORD)) {
    const place = `:${number}`
    if (bytes === null) {
      empty = false
      yield {
        kind: 'skipped',
        place,
        reason: 'too-long',
        detail: `the line has more than ${LONGEST_RECORD} bytes`,
      }
      continue
    }
    const { text, replaced } = textOf(bytes, encoding)
    if (!hasText(text)) continue
    empty = false
    let record: unknown
    try {
      record = JSON.parse(text)
    } catch (error) {
      yield { kind: 'skipped', place, reason: 'malformed', detail: `it is no JSON: ${reasonOf(error)}` }
      continue
    }
    yield* entriesOf(record, fields, place, replaced)
  }
  if (empty) yield { kind: 'skipped', place: '', reason: 'empty', detail: 'nothing is in it' }
}

/** What went wrong in few words: messages of parsers quote what they read. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return message.length > 200 ? `${message.slice(0, 200)}…` : message
}
