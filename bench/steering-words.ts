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

/** Shares of held-out passages of which more than half of the words are in a list. */
export interface Recognised {
  readonly own: number
  /** Of the other domain where it is greatest. */
  readonly others: number
}

interface Document {
  readonly text: string
  readonly meta: { readonly pile_set_name: string; readonly lang: string }
}

/** Words from one passage of a document to the next. */
const PASSAGE = 150
/** A word is a domain's own when it is more than so many times as frequent there as elsewhere. */
const TIMES = 2
/** Words of a held-out passage by which a list is tried. */
const TRIED = 30

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

/** Spanish: in its texts and in no English one. The others: more than twice as frequent in their texts as elsewhere. */
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

/** What a list says of texts that people wrote: whether it knows its domain, and no other. */
export async function recognised({ language, stratum, words }: Domain): Promise<Recognised> {
  const list = new Set(words)
  const counts = new Map<string, { own: boolean; passages: number; known: number }>()
  for (const { text, meta } of await documentsOf('heldout')) {
    const own = language === null ? meta.pile_set_name === stratum : meta.lang === language
    const key = `${meta.pile_set_name} ${meta.lang}`
    const count = counts.get(key) ?? { own, passages: 0, known: 0 }
    counts.set(key, count)
    const all = wordsOf(text)
    for (let from = 0; from + TRIED <= all.length; from += TRIED) {
      const found = all.slice(from, from + TRIED).filter((word) => list.has(word)).length
      count.passages++
      if (found > TRIED / 2) count.known++
    }
  }
  const shares = (wanted: boolean) =>
    [...counts.values()].filter(({ own }) => own === wanted).map(({ known, passages }) => known / passages)
  return { own: Math.max(...shares(true)), others: Math.max(...shares(false)) }
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
    .filter(([word, count]) => count / all > (TIMES * (others.get(word) ?? 0)) / rest)
    .map(([word]) => word)
}
