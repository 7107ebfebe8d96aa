// A thread that reads the corpus and cuts it into chunks, while the model reads the chunk before.
import { readCorpus } from '../corpus/corpus.ts'
import { sampleCorpus, type StratumShare } from '../corpus/sample.ts'
import { Tokenizer } from '../llama/tokenizer.ts'
import type { Specimen } from '../store/sample-plan.ts'
import { answerCalls } from '../store/thread-calls.ts'
import { drawEvenly, drawFromSpecimens } from './calibration-sample.ts'
import { chunksOf } from './chunker.ts'
import type { Chunk } from './chunk.ts'
import type { TextOrder } from './text-order.ts'

/** How far ahead a calibration looks in a sample whose end nobody knows, in chunks. */
const LOOKAHEAD = 2

interface Open {
  readonly chunks: AsyncGenerator<Chunk>
  readonly tokenizer: Tokenizer
  readonly length: number
  /** Chunks that are there already. */
  readonly ahead: Chunk[]
  /** Of a sample that is chosen. */
  chosen: { readonly strata: readonly StratumShare[]; readonly specimens: readonly Specimen[] } | null
}

let opened: Open | undefined

function open(): Open {
  if (!opened) throw new Error('The corpus is not open.')
  return opened
}

/** Makes it `count` chunks ahead, or all there are. */
async function lookAhead(count: number): Promise<void> {
  const { ahead, chunks } = open()
  while (ahead.length < count) {
    const next = await chunks.next()
    if (next.done) return
    ahead.push(next.value)
  }
}

export const textCalls = {
  /** Begins, also anew; resolves to the ids of the special tokens. */
  open: async ({ checkpoint, corpus, sample, plan, cache, hub, chunking, position }: TextOrder) => {
    // the plan has one writer
    await opened?.chunks.return(undefined)
    const tokenizer = await Tokenizer.open(checkpoint)
    let strata: readonly StratumShare[] = []
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
        onPlan: (found) => (strata = found),
        onSpecimens: (specimens) => (open().chosen = { strata, specimens }),
        // a context of n tokens holds one that parts texts
        estimate: (document) => {
          const { ids } = tokenizer.encode(document.text, { special: false })
          return Math.ceil((ids.length * chunking.length) / (chunking.length - 1))
        },
      },
    )
    // a chosen sample ends by itself; cut off, its last strata would be missing
    const tokens = sample.method === 'stratified' ? Infinity : chunking.tokens
    const chunks = chunksOf(items, tokenizer, { ...chunking, tokens }, position)
    opened = { chunks, tokenizer, length: chunking.length, ahead: [], chosen: null }
    return { special: tokenizer.specialIds }
  },
  /** The next chunk; null after the last. */
  next: async (): Promise<Chunk | null> => {
    await lookAhead(1)
    return open().ahead.shift() ?? null
  },
  /**
   * The ids of about `count` contexts for a calibration, before the first chunk: of all the sample where it is chosen,
   * of its first chunks where it goes on until there are tokens enough. The same for the same seed.
   */
  calibration: async (count: number, seed: number): Promise<readonly Int32Array[]> => {
    await lookAhead(1)
    const { chosen, tokenizer, length, ahead } = open()
    if (chosen) {
      const { strata, specimens } = chosen
      return drawFromSpecimens(specimens, strata, { count, seed, length, tokenizer })
    }
    await lookAhead(LOOKAHEAD)
    const contexts = ahead.flatMap((chunk) => chunk.contexts.map(({ ids }) => ids))
    return drawEvenly(contexts, count, seed)
  },
}

answerCalls(textCalls)
