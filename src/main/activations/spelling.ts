// Which piece of a context's text each of its tokens is, by the tokenizer of the model it was harvested from.
import { Tokenizer } from '../llama/tokenizer.ts'
import { TokenText, type Vocabulary } from '../llama/token-text.ts'

/** Places in the context's text, in UTF-16 units. */
export interface SpelledToken {
  readonly start: number
  readonly end: number
  /** Its spelling when it is special, and no text; else null. */
  readonly special: string | null
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })

/** By the folder of its checkpoint. */
const opened = new Map<string, Promise<Tokenizer>>()

/** The tokenizer of the checkpoint in `folder`, read once; null where it cannot be read. */
export async function tokenizerIn(folder: string | null): Promise<Tokenizer | null> {
  if (folder === null) return null
  let tokenizer = opened.get(folder)
  if (!tokenizer) opened.set(folder, (tokenizer = Tokenizer.open(folder)))
  try {
    return await tokenizer
  } catch {
    // it may be there the next time
    opened.delete(folder)
    return null
  }
}

/**
 * Tokens that are part of a character end with it: all but the last of them are empty. Null when the tokens do not
 * spell `text`: then the tokenizer is another than that of the harvest.
 */
export function spell(vocabulary: Vocabulary, ids: Iterable<number>, text: string): SpelledToken[] | null {
  // as the contexts' texts were made
  const pieces = new TokenText(vocabulary, { special: false })
  const tokens: { start: number; end: number; special: string | null }[] = []
  let [at, whole] = [0, '']
  for (const id of ids) {
    const piece = pieces.push(id)
    whole += piece
    const special = vocabulary.isSpecial(id) ? utf8.decode(vocabulary.bytesOf(id)) : null
    // what a special token breaks off belongs to the token before it
    const owner = special === null ? undefined : tokens.at(-1)
    if (owner) owner.end += piece.length
    at += piece.length
    tokens.push({ start: special === null ? at - piece.length : at, end: at, special })
  }
  const rest = pieces.end()
  const last = tokens.at(-1)
  if (last?.special === null) last.end += rest.length
  // once for all: many short comparisons take several times as long
  return whole + rest === text ? tokens : null
}
