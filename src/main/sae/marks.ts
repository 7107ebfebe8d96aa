// Which tokens are marks: punctuation, spaces and special tokens, whose rows say little of what a text is about.
import type { Vocabulary } from '../llama/token-text.ts'

/** Says of a token whether it is a mark. */
export interface Marks {
  has(token: number): boolean
}

/** Punctuation, spaces, control characters and signs such as $ + = ^; pictures (emoji) are no marks, they have a meaning. */
const MARKS = /^[\p{P}\p{Z}\p{Cc}\p{Sc}\p{Sk}\p{Sm}]*$/u

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The marks of a vocabulary; each token is looked at once. A part of a character is no mark. */
export class VocabularyMarks implements Marks {
  readonly #vocabulary: Vocabulary
  readonly #known = new Map<number, boolean>()

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary
  }

  has(token: number): boolean {
    let known = this.#known.get(token)
    if (known === undefined) this.#known.set(token, (known = this.#looked(token)))
    return known
  }

  #looked(token: number): boolean {
    if (this.#vocabulary.isSpecial(token)) return true
    try {
      return MARKS.test(utf8.decode(this.#vocabulary.bytesOf(token)))
    } catch {
      return false
    }
  }
}

/** (count): 1 for each token that is a mark, else 0. */
export function markRows(marks: Marks, tokens: Int32Array): Float32Array {
  return Float32Array.from(tokens, (token) => (marks.has(token) ? 1 : 0))
}
