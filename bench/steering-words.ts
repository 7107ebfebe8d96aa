// The demo's domains by their own words, and beginnings of its English scripture.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { zstdDecompressSync } from 'node:zlib'
import { wordsOf } from '../src/main/steering/fluency.ts'

export interface Domain {
  readonly name: string
  readonly language: string | null
  readonly stratum: string | null
  readonly words: readonly string[]
}

interface Document {
  readonly text: string
  readonly meta: { readonly pile_set_name: string; readonly lang: string }
}

/** Words from one passage of a document to the next. */
const PASSAGE = 150
/** A word is a domain's own when it is there at least so often, and so many times as frequent as elsewhere. */
const [LEAST, TIMES] = [3, 4]

async function documentsOf(part: 'demo' | 'heldout'): Promise<Document[]> {
  const path = fileURLToPath(new URL(`../resources/demo/corpus/${part}.jsonl.zst`, import.meta.url))
  const lines = zstdDecompressSync(await readFile(path))
    .toString()
    .trim()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Document)
}

/** The first `words` of passages of English scripture, as many as are wanted. */
export async function scripturePrompts(
  part: 'demo' | 'heldout',
  count: number,
  words: number,
): Promise<string[]> {
  const documents = await documentsOf(part)
  return documents
    .filter(({ meta }) => meta.pile_set_name === 'Scripture' && meta.lang === 'en')
    .flatMap(({ text }) => {
      const all = text.split(/\s+/)
      return [0, PASSAGE].map((from) => all.slice(from, from + words))
    })
    .filter((beginning) => beginning.length === words)
    .slice(0, count)
    .map((beginning) => beginning.join(' '))
}

/** Spanish: in its texts and in no English one. The others: far more frequent in their texts than elsewhere. */
export async function domains(): Promise<Domain[]> {
  const documents = await documentsOf('demo')
  const isIn = (stratum: string) => (document: Document) => document.meta.pile_set_name === stratum
  const spanish = countsOf(documents.filter(({ meta }) => meta.lang === 'es'))
  const english = countsOf(documents.filter(({ meta }) => meta.lang === 'en'))
  return [
    {
      ...{ name: 'Spanish', language: 'es', stratum: null },
      words: [...spanish.keys()].filter((word) => !english.has(word)),
    },
    ...['Python', 'Medical'].map((stratum) => ({
      ...{ name: stratum, language: null, stratum },
      words: ownWords(
        countsOf(documents.filter(isIn(stratum))),
        countsOf(documents.filter((document) => !isIn(stratum)(document))),
      ),
    })),
  ]
}

function countsOf(documents: readonly Document[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { text } of documents) {
    for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  return counts
}

function ownWords(own: ReadonlyMap<string, number>, others: ReadonlyMap<string, number>): string[] {
  const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((a, b) => a + b, 0)
  const [all, rest] = [sum(own), sum(others)]
  return [...own]
    .filter(([word, count]) => count >= LEAST && count / all > (TIMES * (others.get(word) ?? 0)) / rest)
    .map(([word]) => word)
}
