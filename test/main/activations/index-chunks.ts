// A small harvest's documents, contexts and sentences, the same every time.
import type { IndexWriter } from '../../../src/main/activations/index-writer.ts'
import { generator } from '../../helpers/shards.ts'

export const CHUNKS = 6
export const CONTEXTS_A_CHUNK = 60
/** Rows of a context. */
export const TOKENS = 16

const words =
  'the of cat dog Café river naïve moon 東京 中国経済 emoji🙂face stone walking walked walks silver under quietly'.split(
    ' ',
  )

/** The context's words, four of them after "the". */
export function textOf(context: number): string {
  const random = generator(context + 1)
  return ['the', ...Array.from({ length: 5 }, () => words[Math.floor(random() ** 2 * words.length)]!)].join(
    ' ',
  )
}

/** Adds a chunk: a document for every four contexts, a sentence for every two. */
export function addChunk(index: IndexWriter, chunk: number, onContext?: (id: number) => void): void {
  for (let id = chunk * CONTEXTS_A_CHUNK; id < (chunk + 1) * CONTEXTS_A_CHUNK; id++) {
    const document = Math.floor(id / 4) * 10
    if (id % 4 === 0) {
      const meta = id % 8 === 0 ? '{"set":"a"}' : null
      index.addDocument({
        ordinal: document,
        source: `d${document}.txt`,
        stratum: 's',
        language: null,
        meta,
        split: 1,
        // the second of a chunk shares its first context with the one before
        begins: id === chunk * CONTEXTS_A_CHUNK + 4 ? 0 : 1,
      })
    }
    const sentence = Math.floor(id / 2)
    index.addContext({ id, firstRow: id * TOKENS, tokens: TOKENS, text: textOf(id), sentence })
    if (id % 2 === 0)
      index.addSentence({ id: id / 2, document, context: id, start: (id % 4) * 10, end: (id % 4) * 10 + 20 })
    onContext?.(id)
  }
}
