// A GGUF file's vocabulary: its tokens with what kind each is, and those with a meaning of their own.
import type { Metadata } from './metadata.ts'

/** The kinds as files number them; the others (normal, unused) are words like any. */
export const tokenKinds = { unknown: 2, control: 3, userDefined: 4, byte: 6 } as const

export interface Vocabulary {
  /** By id, each text once. */
  readonly tokens: readonly string[]
  /** By id. */
  readonly kinds: readonly number[]
  readonly bosId: number | null
  /** Any of them ends a text. */
  readonly eosIds: readonly number[]
  readonly unknownId: number | null
  readonly paddingId: number | null
  readonly chatTemplate: string | null
}

/** Ends of texts and turns that files name only one of. */
const ends = new Set([
  '<|end_of_text|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<end_of_turn>',
])

/** `rows`: tokens the embedding has. Throws `gguf/metadata`. */
export function readVocabulary(metadata: Metadata, rows: number): Vocabulary {
  const texts = metadata.texts('tokenizer.ggml.tokens')
  if (!texts || texts.length === 0) throw metadata.wrong('it has no tokenizer.ggml.tokens')
  if (texts.length > rows) {
    throw metadata.wrong(`its vocabulary has ${texts.length} tokens, and its embedding ${rows} rows`)
  }
  const kinds = metadata.numbers('tokenizer.ggml.token_type') ?? texts.map(() => 1)
  if (kinds.length !== texts.length) {
    throw metadata.wrong(`tokenizer.ggml.token_type has ${kinds.length} entries for ${texts.length} tokens`)
  }
  const tokens = distinct(texts)
  const id = (name: string): number | null => {
    const value = metadata.number(`tokenizer.ggml.${name}_token_id`)
    // −1 and numbers beyond the vocabulary say "none"
    return value !== null && Number.isInteger(value) && value >= 0 && value < tokens.length ? value : null
  }
  const named = ['eos', 'eot', 'eom'].map(id).filter((value) => value !== null)
  const known = [...tokens.keys()].filter(
    (index) => kinds[index] === tokenKinds.control && ends.has(tokens[index]!),
  )
  return {
    tokens,
    kinds,
    bosId: id('bos'),
    eosIds: [...new Set([...named, ...known])],
    unknownId: id('unknown'),
    paddingId: id('padding'),
    chatTemplate: metadata.text('tokenizer.chat_template'),
  }
}

/** A text that is empty or there before cannot be found by its text; it gets one that nobody writes. */
function distinct(texts: readonly string[]): string[] {
  const seen = new Set<string>()
  return texts.map((text, id) => {
    const own = text === '' || seen.has(text) ? `[token ${id}]` : text
    seen.add(own)
    return own
  })
}
