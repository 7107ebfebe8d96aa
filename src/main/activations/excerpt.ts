// Parts of texts, as lists show them: cut where words end if one is near, and never inside a character.

/** From `start` up to `end`, in UTF-16 units. */
export interface Excerpt {
  readonly start: number
  readonly end: number
}

/** Units around a place that are shown. */
const AROUND = 110
/** Units that are given up so that a word stays whole. */
const SLACK = 24

/** The part of `text` around what lies from `start` to `end`; of something long, its beginning. */
export function excerptAround(text: string, start: number, end: number, around = AROUND): Excerpt {
  const last = Math.min(end, start + 2 * around)
  return { start: beginning(text, start - around, start), end: ending(text, last + around, last) }
}

/** Where to begin at or after `at`, at most at `most`. */
function beginning(text: string, at: number, most: number): number {
  if (at <= 0) return 0
  const space = text.slice(at, Math.min(most, at + SLACK)).search(/\s/)
  return whole(text, space < 0 ? at : at + space + 1)
}

/** Where to end at or before `at`, at least at `least`. */
function ending(text: string, at: number, least: number): number {
  if (at >= text.length) return text.length
  const from = Math.max(least, at - SLACK)
  const space = text.slice(from, at).search(/\s\S*$/)
  return whole(text, space < 0 ? at : from + space)
}

/** Not between the halves of a pair. */
function whole(text: string, at: number): number {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at
}
