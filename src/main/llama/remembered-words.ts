// Words come again and again: how the tokenizer library cuts them is remembered for the words of a whole corpus.
import {
  BPE,
  ByteLevelPreTokenizer,
  SequencePreTokenizer,
  SplitPreTokenizer,
  type Tokenizer as Library,
} from '@huggingface/tokenizers'

/**
 * Words in each of two generations: those that come in the newer one stay, and the older one is forgotten as a whole.
 * The library remembers 10,000 by itself, fewer than a book has; with many more, their memory costs more than they save.
 */
const WORDS = 2_048
/** Characters of a word that is remembered: V8 cuts longer ones by pointing into the text, which would stay with them. */
const LONGEST = 12

/** What byte-level tokenizers leave as it is, but for the space. */
const PLAIN = /^[ -~]*$/
const SPACE = 'Ġ'

export function rememberWords({ model, pre_tokenizer }: Library): void {
  if (model instanceof BPE) {
    // once is enough, and what it remembers may point into whole texts
    model.max_length_to_cache = 0
    rankByParts(model)
    const { vocab, tokens_to_ids: ids } = model
    const cut = model.bpe.bind(model)
    // the vocabulary's own strings, so that no word keeps copies of its pieces
    model.bpe = remembered((word) => cut(word).map((piece) => vocab[ids.get(piece) ?? -1] ?? piece))
  }
  const parts = pre_tokenizer instanceof SequencePreTokenizer ? pre_tokenizer.tokenizers : [pre_tokenizer]
  for (const part of parts) {
    if (part instanceof SplitPreTokenizer) splitAtOnce(part)
    if (part instanceof ByteLevelPreTokenizer && !part.use_regex && !part.add_prefix_space) spellWords(part)
  }
}

/** The words of a text that has nothing between them come at once, without an object for each. */
function splitAtOnce(part: SplitPreTokenizer): void {
  const split = part.pre_tokenize_text.bind(part)
  const { pattern } = part
  if (pattern === null || part.config.invert || part.config.behavior.toLowerCase() === 'removed') return
  part.pre_tokenize_text = (text) => {
    const words = text.match(pattern) ?? []
    let covered = 0
    for (const { length } of words) {
      if (length === 0) return split(text)
      covered += length
    }
    return covered === text.length ? words : split(text)
  }
}

/** Words that a byte-level tokenizer spells one by one. */
function spellWords(part: ByteLevelPreTokenizer): void {
  const spell = remembered((word) => part.pre_tokenize_text(word).join(''))
  part.pre_tokenize = (text) =>
    [text].flat().map((word) => (PLAIN.test(word) ? word.replaceAll(' ', SPACE) : spell(word)))
}

/** A piece of a word under way, as the library queues it. */
interface Piece {
  readonly token: string
  readonly bias: number
  score?: number
}

/** Finds the rank of two pieces by the one and then the other: the library makes JSON of each pair it asks for. */
function rankByParts(model: BPE): void {
  const ranks = new Map<string, Map<string, number>>()
  for (const [rank, [left, right]] of model.merges.entries()) {
    const after = ranks.get(left) ?? new Map<string, number>()
    ranks.set(left, after.set(right, rank))
  }
  model.bpe_ranks.clear()
  const add_node = (queue: { push(node: Piece): void }, node: Piece & { readonly next: Piece }) => {
    const rank = ranks.get(node.token)?.get(node.next.token)
    if (rank === undefined) return
    node.score = rank + node.bias
    queue.push(node)
  }
  // the library keeps it to itself, and nothing else asks for ranks
  Object.assign(model, { add_node })
}

/** What `make` makes of a word, which nobody changes. */
function remembered<T>(make: (word: string) => T): (word: string) => T {
  let newer = new Map<string, T>()
  let older = newer
  return (word) => {
    if (word.length > LONGEST) return make(word)
    const known = newer.get(word)
    if (known !== undefined) return known
    const made = older.get(word) ?? make(word)
    if (newer.size === WORDS) [older, newer] = [newer, new Map<string, T>()]
    newer.set(word, made)
    return made
  }
}
