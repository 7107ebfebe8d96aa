// A document as tokens: their ids, and for each the sentence it belongs to.
import type { Span } from '../llama/token-offsets.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import { sentenceOfTokens, sentencesOf } from './sentences.ts'

export interface TokenizedDocument {
  readonly ids: Int32Array
  /** For each token the index of its sentence. */
  readonly sentenceOf: Uint32Array
  /** Where each sentence lies in the text. */
  readonly sentences: readonly Span[]
}

/** Tokens of a whole document, without the special ones that the model wants around a text. */
export function tokenized(
  { text, language }: { readonly text: string; readonly language: string | null },
  tokenizer: Tokenizer,
): TokenizedDocument {
  const { ids, spans } = tokenizer.encode(text, { special: false })
  const sentences = sentencesOf(text, language)
  return { ids: Int32Array.from(ids), sentenceOf: sentenceOfTokens(text, spans, sentences), sentences }
}
