// A record of a file (a JSON object, a row) as what the corpus takes of it: text, stratum, language and the rest.
import type { CorpusSpec, SkipReason } from '../../shared/corpus.ts'
import { LONGEST_TEXT, piecesOf } from './text.ts'

/** What a reader finds in its file, in order. `place` is behind the file's name: ":12", or "" for the whole file. */
export type Entry =
  | {
      readonly kind: 'text'
      readonly place: string
      readonly text: string
      /** Characters of `text` that stand for bytes which are no text. */
      readonly replaced: number
      readonly stratum: string | null
      readonly language: string | null
      readonly meta: Readonly<Record<string, unknown>> | null
    }
  | { readonly kind: 'skipped'; readonly place: string; readonly reason: SkipReason; readonly detail: string }

export type Fields = Pick<CorpusSpec, 'textField' | 'stratumField' | 'languageField'>

export const DEFAULT_TEXT_FIELD = 'text'
/** Bytes a line or a row may have. */
export const LONGEST_RECORD = 64 * 1024 * 1024
/** Characters of JSON above which a field is no description of the text and is not kept beside it. */
const LONGEST_META = 2_000
/** Characters above which a value names no stratum and no language. */
const LONGEST_NAME = 256
/** Characters of a field's name that are told where the text field is missing. */
const LONGEST_FIELD = 60

/** The documents of a record: one, or several when its text is very long, or the reason why there is none. */
export async function* entriesOf(
  record: unknown,
  fields: Fields,
  place: string,
  replaced: number,
): AsyncGenerator<Entry> {
  const skipped = (reason: SkipReason, detail: string) =>
    ({ kind: 'skipped', place, reason, detail }) as const
  if (typeof record !== 'object' || record === null || Array.isArray(record)) {
    yield skipped('malformed', 'it is no object with fields')
    return
  }
  const textField = fields.textField ?? DEFAULT_TEXT_FIELD
  const text = valueAt(record, textField)
  if (typeof text !== 'string') {
    const names = Object.keys(record)
      .slice(0, 20)
      .map((name) => (name.length > LONGEST_FIELD ? `${name.slice(0, LONGEST_FIELD).toWellFormed()}…` : name))
      .join(', ')
    const what = text === undefined ? 'there is no' : 'no text is in the'
    yield skipped('no-text', `${what} field "${textField}"; its fields are: ${names}`)
    return
  }
  if (!hasText(text)) {
    yield skipped('empty', `the field "${textField}" is empty`)
    return
  }
  const about = {
    kind: 'text',
    stratum: fields.stratumField === undefined ? null : nameAt(record, fields.stratumField),
    language: fields.languageField === undefined ? null : nameAt(record, fields.languageField),
    meta: metaOf(record, textField),
  } as const
  if (text.length <= LONGEST_TEXT / 3) {
    yield { ...about, place, ...wellFormed(text, replaced) }
    return
  }
  let part = 0
  for await (const piece of piecesOf(once(Buffer.from(text)))) {
    // the number of broken bytes is known of the record, not of its parts
    yield {
      ...about,
      place: partOf(place, ++part),
      text: piece.toString(),
      replaced: part === 1 ? replaced : 0,
    }
  }
}

/** What follows a file's name for the `part`th document made of one text. */
export function partOf(place: string, part: number): string {
  return part === 1 ? place : `${place} (part ${part})`
}

export function hasText(text: string): boolean {
  return /\S/.test(text)
}

/** The value of a field or, where there is none of that name, of a dotted path. */
function valueAt(record: object, path: string): unknown {
  if (Object.hasOwn(record, path)) return (record as Record<string, unknown>)[path]
  let value: unknown = record
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** What is as long as a text names nothing: manifests and previews hold thousands of names. */
function nameAt(record: object, path: string): string | null {
  const value = valueAt(record, path)
  if (typeof value === 'string') return value === '' || value.length > LONGEST_NAME ? null : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** What else the record says, without what is as long as a text itself. */
function metaOf(record: object, textField: string): Record<string, unknown> | null {
  const root = textField in record ? textField : (textField.split('.')[0] ?? textField)
  const kept = Object.entries(record).filter(
    ([name, value]) => name !== root && JSON.stringify(value).length <= LONGEST_META,
  )
  return kept.length === 0 ? null : Object.fromEntries(kept)
}

/** JSON can name halves of characters, which no text file can hold. */
function wellFormed(text: string, replaced: number): { text: string; replaced: number } {
  if (text.isWellFormed()) return { text, replaced }
  return { text: text.toWellFormed(), replaced: replaced + (text.match(/\p{Cs}/gu)?.length ?? 0) }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes)
}
