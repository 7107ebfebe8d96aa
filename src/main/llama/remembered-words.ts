// Words come again and again: how the tokenizer library cuts them is remembered for the words of a whole corpus.
import {
  BPE,
  ByteLevelPreTokenizer,
  SequencePreTokenizer,
  type Tokenizer as Library,
} from '@huggingface/tokenizers'

/**
 * Words in each of two generations: those that come in the newer one stay, and the older one is forgotten as a whole.
 * The library remembers 10,000 by itself, fewer than a book has; with many more, their memory costs more than they save.
 */
const WORDS = 2_048
/** Characters of a word that is remembered: V8 cuts longer ones by pointing into the text, which would stay with them. */
const LONGEST = 12

export function rememberWords({ model, pre_tokenizer }: Library): void {
  if (model instanceof BPE) {
    // once is enough, and what it remembers may point into whole texts
    model.max_length_to_cache = 0
    const { vocab, tokens_to_ids: ids } = model
    const cut = model.bpe.bind(model)
    // the vocabulary's own strings, so that no word keeps copies of its pieces
    model.bpe = remembered((word) => cut(word).map((piece) => vocab[ids.get(piece) ?? -1] ?? piece))
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
  let newer = new Map<string, string[]>()
  let older = newer
  return (word) => {
    if (word.length > LONGEST) return cut(word)
    const known = newer.get(word)
    if (known) return known
    const pieces = older.get(word) ?? cut(word)
    if (newer.size === WORDS) [older, newer] = [newer, new Map<string, string[]>()]
    newer.set(word, pieces)
    return pieces
  }
}
