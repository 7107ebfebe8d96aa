// Words come again and again: how the tokenizer library cuts them is remembered for the words of a whole corpus.
import {
  BPE,
  ByteLevelPreTokenizer,
  SequencePreTokenizer,
  type Tokenizer as Library,
} from '@huggingface/tokenizers'

/** The library remembers 10,000 by itself, fewer than a book has; with many more, their memory costs more than they save. */
const WORDS = 16_384
/** Characters of a word that is remembered: V8 cuts longer ones by pointing into the text, which would stay with them. */
const LONGEST = 12

export function rememberWords({ model, pre_tokenizer }: Library): void {
  if (model instanceof BPE) {
    // once is enough, and what it remembers may point into whole texts
    model.max_length_to_cache = 0
    model.bpe = remembered(model.bpe.bind(model))
  }
  const parts = pre_tokenizer instanceof SequencePreTokenizer ? pre_tokenizer.tokenizers : [pre_tokenizer]
  for (const part of parts) {
    if (part instanceof ByteLevelPreTokenizer) {
      part.pre_tokenize_text = remembered(part.pre_tokenize_text.bind(part))
    }
  }
}

/** What `cut` makes of a word, which nobody changes. */
function remembered(cut: (word: string) => string[]): (word: string) => string[] {
  const known = new Map<string, string[]>()
  return (word) => {
    if (word.length > LONGEST) return cut(word)
    const before = known.get(word)
    if (before) return before
    const pieces = cut(word)
    if (known.size === WORDS) known.clear()
    known.set(word, pieces)
    return pieces
  }
}
