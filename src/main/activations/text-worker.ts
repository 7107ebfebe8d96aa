// A thread that reads the corpus and cuts it into chunks, while the model reads the chunk before.
import { readCorpus } from '../corpus/corpus.ts'
import { sampleCorpus } from '../corpus/sample.ts'
import { Tokenizer } from '../llama/tokenizer.ts'
import { answerCalls } from '../store/thread-calls.ts'
import { chunksOf } from './chunker.ts'
import type { Chunk } from './chunk.ts'
import type { TextOrder } from './text-order.ts'

let chunks: AsyncGenerator<Chunk> | undefined

export const textCalls = {
  /** Begins; resolves to the ids of the special tokens. */
  open: async ({ checkpoint, corpus, sample, plan, cache, hub, chunking, position }: TextOrder) => {
    const tokenizer = await Tokenizer.open(checkpoint)
    const items = sampleCorpus(
      (range) =>
        readCorpus(corpus, {
          ...range,
          cache,
          ...(hub && { endpoint: hub.endpoint, ...(hub.token !== null && { token: hub.token }) }),
        }),
      sample,
      {
        ...{ tokens: chunking.tokens, plan, from: position.document },
        // a context of n tokens holds one that parts texts
        estimate: (document) => {
          const { ids } = tokenizer.encode(document.text, { special: false })
          return Math.ceil((ids.length * chunking.length) / (chunking.length - 1))
        },
      },
    )
    // a chosen sample ends by itself; cut off, its last strata would be missing
    const tokens = sample.method === 'stratified' ? Infinity : chunking.tokens
    chunks = chunksOf(items, tokenizer, { ...chunking, tokens }, position)
    return { special: tokenizer.specialIds }
  },
  /** The next chunk; null after the last. */
  next: async (): Promise<Chunk | null> => {
    const next = await chunks?.next()
    return !next || next.done ? null : next.value
  },
}

answerCalls(textCalls)
