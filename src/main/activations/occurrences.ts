// Where what is searched for occurs in a text.
import { isWordCharacter } from './fold-text.ts'
import type { SearchTerm } from './search-expression.ts'

/** Where something is in a text, in UTF-16 code units. */
export type TextRange = readonly [start: number, end: number]

/** Where `term` occurs in `text`, which is folded; none overlap. */
export function occurrences(text: string, term: SearchTerm): TextRange[] {
  const ranges: TextRange[] = []
  const first = term.type === 'part' ? term.text : term.words[0]!
  for (let start = text.indexOf(first); start >= 0;) {
    const end = term.type === 'part' ? start + first.length : wordsEnd(text, start, term)
    if (end !== undefined) ranges.push([start, end])
    start = text.indexOf(first, end ?? start + 1)
  }
  return ranges
}

/** Where the term's words end when they are at `start`; undefined when they are not. */
function wordsEnd(text: string, start: number, term: SearchTerm & { type: 'words' }): number | undefined {
  if (start > 0 && isWordAt(text, before(text, start))) return undefined
  let at = start
  for (const [index, each] of term.words.entries()) {
    if (!text.startsWith(each, at)) return undefined
    at += each.length
    const last = index === term.words.length - 1
    if (last && term.prefix) return at
    if (at < text.length && isWordAt(text, at)) return undefined
    if (last) return at
    while (at < text.length && !isWordAt(text, at)) at++
  }
  return at
}

/** Where the character that ends at `end` begins. */
function before(text: string, end: number): number {
  const low = text.charCodeAt(end - 1)
  return low >= 0xdc00 && low <= 0xdfff && end > 1 ? end - 2 : end - 1
}

function isWordAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index)
  if (code < 128) return isWordCharacter(text[index]!)
  return isWordCharacter(String.fromCodePoint(text.codePointAt(index)!))
}
