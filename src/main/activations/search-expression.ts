// What a person typed into the search, as an expression: words, "phrases", beginnings*, *parts*, OR, -without, ( ).
import { expected } from '../../shared/errors.ts'
import { foldText, isWordCharacter } from './fold-text.ts'

export type SearchExpression =
  | SearchTerm
  | { readonly type: 'all' | 'any'; readonly of: readonly SearchExpression[] }
  | { readonly type: 'without'; readonly of: SearchExpression; readonly not: SearchExpression }

/** What is looked for in the text: whole words that follow each other, or characters anywhere. */
export type SearchTerm =
  | {
      readonly type: 'words'
      /** Folded, at least one. */
      readonly words: readonly string[]
      /** Whether the last is only how a word begins. */
      readonly prefix: boolean
      /** As it was typed, folded: SQLite divides it into words itself, newer emoji among them. */
      readonly text: string
    }
  | {
      readonly type: 'part'
      /** Folded. */
      readonly text: string
    }

type Symbol = '(' | ')' | 'OR' | 'AND' | '-'
type Piece = { readonly symbol: Symbol } | { readonly term: SearchTerm }

/** A search is for a person's question, not for a page of text. */
const MAX_TERMS = 64
const MAX_LENGTH = 2_000

/** Scripts that put no spaces between words: what is typed is looked for anywhere. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u

/**
 * Words that stand beside each other are all wanted; OR between two wants either; a minus or NOT before one wants it
 * absent; quotes hold words together; a star at the end looks for words that begin so, one at the beginning for what
 * is anywhere in a word. Undefined when nothing is left to look for. Throws `search/too-long`, `search/only-without`.
 */
export function parseSearch(text: string): SearchExpression | undefined {
  const pieces = text.length > MAX_LENGTH ? undefined : piecesOf(text)
  if (!pieces || pieces.length > MAX_TERMS) {
    throw expected(
      'search/too-long',
      `The search has ${text.length} characters; it may have ${MAX_LENGTH}, and ${MAX_TERMS} words.`,
      'Search for the words that matter most.',
    )
  }
  return new Parser(pieces).parse()
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  // a phrase (to the end when nobody closes it), a bracket, or anything up to a space, quote or bracket
  for (const [found] of text.matchAll(/-?"[^"]*(?:"\*?|$)|[()]|[^\s"()]+/gu)) {
    if (found === '(' || found === ')') pieces.push({ symbol: found })
    else if (found === 'OR' || found === '|') pieces.push({ symbol: 'OR' })
    else if (found === 'AND') pieces.push({ symbol: 'AND' })
    else if (found === 'NOT' || found === '-') pieces.push({ symbol: '-' })
    else {
      const without = found.startsWith('-')
      const term = termOf(without ? found.slice(1) : found)
      if (term && without) pieces.push({ symbol: '-' })
      if (term) pieces.push({ term })
    }
  }
  return pieces
}

function termOf(typed: string): SearchTerm | undefined {
  const [quoted, begins, ends] = [typed.startsWith('"'), /^"?\*/.test(typed), /\*"?$/.test(typed)]
  const text = foldText(typed.replaceAll(/^[*"]+|[*"]+$/g, '').replaceAll('\0', ' '))
  const words = wordsOf(text)
  if (text.trim() === '') return undefined
  // what has no letters or digits has no words either, and is looked for as it stands
  if (begins || words.length === 0 || spaceless.test(text))
    return { type: 'part', text: quoted ? text : text.trim() }
  return { type: 'words', words, prefix: ends, text }
}

function wordsOf(text: string): string[] {
  const words: string[] = []
  let word = ''
  for (const character of `${text} `) {
    if (isWordCharacter(character)) word += character
    else if (word !== '') {
      words.push(word)
      word = ''
    }
  }
  return words
}

/** any := all ("OR" all)*; all := item ("AND"? item)*; item := "-"* (term | "(" any ")"). Forgives what is missing. */
class Parser {
  readonly #pieces: readonly Piece[]
  #next = 0

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  parse(): SearchExpression | undefined {
    const parts: SearchExpression[] = []
    // a bracket that closes nothing ends `any` early: what follows is wanted as well
    while (this.#next < this.#pieces.length) {
      const part = this.#any()
      if (part) parts.push(part)
      this.#take(')')
    }
    return joined('all', parts)
  }

  #any(): SearchExpression | undefined {
    const of: SearchExpression[] = []
    do {
      const all = this.#all()
      if (all) of.push(all)
    } while (this.#take('OR'))
    return joined('any', of)
  }

  #all(): SearchExpression | undefined {
    const wanted: SearchExpression[] = []
    const unwanted: SearchExpression[] = []
    for (;;) {
      while (this.#take('AND'));
      const without = this.#take('-')
      while (this.#take('-'));
      const item = this.#item()
      if (item) (without ? unwanted : wanted).push(item)
      else if (!this.#ahead('-') && !this.#ahead('AND')) break
    }
    const of = joined('all', wanted)
    const not = joined('any', unwanted)
    if (not && !of) {
      throw expected(
        'search/only-without',
        'The search says only what is not wanted.',
        'Add a word that is wanted: cat -dog.',
      )
    }
    return of && not ? { type: 'without', of, not } : of
  }

  #item(): SearchExpression | undefined {
    const piece = this.#pieces[this.#next]
    if (piece && 'term' in piece) {
      this.#next++
      return piece.term
    }
    if (!this.#take('(')) return undefined
    const inside = this.#any()
    this.#take(')')
    return inside
  }

  #take(symbol: Symbol): boolean {
    const ahead = this.#ahead(symbol)
    if (ahead) this.#next++
    return ahead
  }

  #ahead(symbol: Symbol): boolean {
    const piece = this.#pieces[this.#next]
    return piece !== undefined && 'symbol' in piece && piece.symbol === symbol
  }
}

function joined(type: 'all' | 'any', of: readonly SearchExpression[]): SearchExpression | undefined {
  return of.length > 1 ? { type, of } : of[0]
}
