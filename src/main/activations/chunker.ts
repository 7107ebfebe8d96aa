// Turns a corpus into chunks: documents are cut into tokens, sentences and contexts, as many as are wanted.
import type { CorpusItem } from '../corpus/corpus.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import type { Context, Packing, Piece } from '../tokens/context.ts'
import { ContextPacker } from '../tokens/context-packer.ts'
import { tokenized } from '../tokens/tokenized-document.ts'
import { ChunkBuilder } from './chunk-builder.ts'
import type { Chunk, CorpusPosition } from './chunk.ts'

export interface ChunkerOptions {
  /** T, tokens of a full context. */
  readonly length: number
  readonly packing: Packing
  /** Contexts of a full chunk. */
  readonly contexts: number
  /** Tokens wanted of the whole harvest, BOS included. */
  readonly tokens: number
}

/**
 * `items` must begin with the document of `from`; the same items give the same chunks wherever they begin. The last
 * chunk is smaller, and its last context is cut where the tokens wanted are reached. Nothing is counted or indexed
 * before a context that holds it is in a chunk, so that a harvest can begin again after any of them.
 */
export async function* chunksOf(
  items: AsyncIterable<CorpusItem>,
  tokenizer: Tokenizer,
  options: ChunkerOptions,
  from: CorpusPosition,
): AsyncGenerator<Chunk> {
  const packer = new ContextPacker({ ...options, bos: tokenizer.bosId })
  const builder = new ChunkBuilder(tokenizer, from)
  let { sentence: firstSentence } = from
  let wanted = options.tokens - from.tokens

  function* filled(contexts: Iterable<Context>): Generator<Chunk> {
    for (const context of contexts) {
      const kept = cut(context, wanted)
      if (!kept) return void (wanted = 0)
      builder.add(kept)
      wanted -= kept.ids.length
      if (builder.size === options.contexts) yield builder.chunk({ final: false })
      if (wanted === 0) return
    }
  }

  if (wanted <= 0) return
  for await (const item of items) {
    if (item.kind === 'skipped') {
      builder.pull(item)
      continue
    }
    const { document } = item
    const { ordinal } = document
    const { ids, sentenceOf, sentences } = tokenized(document, tokenizer)
    const done = ordinal === from.document ? from.token : 0
    builder.pull({
      ...{ kind: 'used', ordinal, document, tokens: ids.length, sentenceOf, sentences, firstSentence, done },
    })
    const offset = firstSentence
    firstSentence += sentences.length
    const numbered = sentenceOf.map((index) => index + offset)
    yield* filled(packer.add({ ordinal, ids, sentences: numbered }, done))
    if (wanted === 0) break
  }
  const final = wanted > 0
  if (final) yield* filled(packer.end())
  if (builder.size > 0 || (final && builder.waiting)) yield builder.chunk({ final })
}

/** At most its first `length` tokens; undefined where no text would be among them. */
function cut(context: Context, length: number): Context | undefined {
  const { ids, sentences, pieces } = context
  if (ids.length <= length) return context
  // where there is a BOS, one stands before each piece
  const gap = ids.length > pieces.reduce((total, { count }) => total + count, 0) ? 1 : 0
  const kept: Piece[] = []
  let at = 0
  for (const piece of pieces) {
    const count = Math.min(piece.count, length - at - gap)
    if (count <= 0) break
    kept.push({ ...piece, count })
    at += gap + count
  }
  return at > 0 ? { ids: ids.slice(0, at), sentences: sentences.slice(0, at), pieces: kept } : undefined
}
