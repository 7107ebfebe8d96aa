// Text search over the contexts of a harvest: how fast its index is built, and how long a fixed mix of searches takes.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HarvestIndex } from '../src/main/activations/harvest-index.ts'
import { IndexWriter } from '../src/main/activations/index-writer.ts'

export const CONTEXTS = Number(process.env.MONOSCOPE_BENCH_CONTEXTS ?? 1_000_000)
/** Of 128 tokens, as English has them. */
const WORDS_A_CONTEXT = 90
const VOCABULARY = 200_000
const CONTEXTS_A_SHARD = 2_000
const ROUNDS = 5
/** Milliseconds, of 95 in 100 searches. */
const AIM = 50

/** The most frequent words of English, so that phrases of them can be searched for. */
const frequent =
  'the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which'
/** How often letters are, and the trigrams they make. */
const [CONSONANTS, VOWELS] = ['ttttnnnnsssrrrhhhdddlllccmmffpgwbyvk', 'eeeeeaaaaoooiiiuu']

/** Numbers from 0 to 1, the same every time. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function makeWords(random: () => number): string[] {
  const words = new Set(frequent.split(' '))
  while (words.size < VOCABULARY) {
    // the rarer a word, the longer
    const length = 2 + Math.floor(random() * random() * 9 + Math.log10(words.size))
    let word = ''
    for (let index = 0; index < length; index++) {
      const letters = (index + length) % 2 === 0 || random() < 0.1 ? CONSONANTS : VOWELS
      word += letters.charAt(Math.floor(random() * letters.length))
    }
    words.add(word)
  }
  return [...words]
}

/** Texts whose words are as often as Zipf's law has it. */
export function textGenerator(words: readonly string[], random: () => number): () => string {
  const cumulated = new Float64Array(words.length)
  let total = 0
  for (let rank = 0; rank < words.length; rank++) cumulated[rank] = total += 1 / (rank + 2.7)
  const wordAt = (share: number) => {
    let [low, high] = [0, words.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (cumulated[middle]! < share * total) low = middle + 1
      else high = middle
    }
    return words[low]!
  }
  return () => {
    let text = wordAt(random())
    for (let count = 1; count < WORDS_A_CONTEXT; count++) text += ` ${wordAt(random())}`
    return text
  }
}

export function build(path: string, nextText: () => string): void {
  let writing = 0
  let characters = 0
  const index = IndexWriter.open(path)
  const timed = (work: () => void) => {
    const start = performance.now()
    work()
    writing += performance.now() - start
  }
  for (let first = 0; first < CONTEXTS; first += CONTEXTS_A_SHARD) {
    const texts = Array.from({ length: Math.min(CONTEXTS_A_SHARD, CONTEXTS - first) }, nextText)
    timed(() => {
      for (const [offset, text] of texts.entries()) {
        const id = first + offset
        index.addDocument({
          ordinal: id,
          source: 'bench',
          stratum: null,
          language: null,
          meta: null,
          split: 1,
          begins: 1,
        })
        index.addContext({ id, firstRow: id * 128, tokens: 128, text, sentence: id })
        index.addSentence({ id, document: id, context: id, start: 0, end: text.length })
        characters += text.length
      }
      index.commit({ contexts: first + texts.length })
    })
  }
  const added = writing
  timed(() => index.finish())
  const rate = (count: number, milliseconds: number) =>
    Math.round(count / (milliseconds / 1000)).toLocaleString('en')
  console.log(
    `  build            ${rate(CONTEXTS, writing)} contexts/s (${rate(characters / 1e6, writing)} MB/s of text): ` +
      `${seconds(added)} while harvesting, ${seconds(writing - added)} at its end; ` +
      `${(statSync(path).size / CONTEXTS).toFixed(0)} bytes a context of ${(characters / CONTEXTS).toFixed(0)}`,
  )
}

/** The mix, by kind: each kind is searched for as often as the others. */
export function queries(words: readonly string[]): Record<string, readonly string[]> {
  const at = (...ranks: number[]) => ranks.map((rank) => words[rank]!)
  const pairs = (ranks: [number, number][]) => ranks.map(([a, b]) => `${words[a]} ${words[b]}`)
  return {
    'rare word': at(40_000, 80_000, 120_000, 160_000, 199_999),
    'middling word': at(400, 1_000, 2_000, 4_000, 8_000),
    'common word': at(0, 1, 5, 20, 60),
    'two words': pairs([[0, 1], [0, 3_000], [50, 70], [500, 600], [20, 90_000]]), // prettier-ignore
    'either word': ['the OR of', `${words[100]} OR ${words[9_000]}`, `the -of`, `(is OR was) ${words[300]}`],
    phrase: ['"of the"', '"that is"', '"in the"', `"the ${words[800]}"`, `"${words[50]} ${words[60]}"`],
    beginning: [`${words[5_000]!.slice(0, 5)}*`, 'th*', 'tha*', `${words[900]!.slice(0, 3)}*`, 'a*'],
    'part of words': [
      `*${words[700]!.slice(1)}*`,
      '*ere*',
      '"*f the*"',
      '"*hat t*"',
      `*${words[30_000]!.slice(1, 6)}*`,
    ],
  }
}

function measure(index: HarvestIndex, words: readonly string[]): void {
  const all: number[] = []
  let slowest = { text: '', milliseconds: 0 }
  for (const [kind, texts] of Object.entries(queries(words))) {
    const times: number[] = []
    for (let round = 0; round < ROUNDS; round++) {
      for (const text of texts) {
        const start = performance.now()
        index.search({ text, limit: 50 })
        const milliseconds = performance.now() - start
        times.push(milliseconds)
        if (milliseconds > slowest.milliseconds) slowest = { text, milliseconds }
      }
    }
    all.push(...times)
    console.log(`  ${kind.padEnd(16)} p50 ${quantile(times, 0.5)}, p95 ${quantile(times, 0.95)}`)
  }
  console.log(
    `  all              p50 ${quantile(all, 0.5)}, p95 ${quantile(all, 0.95)} (aim: under ${AIM} ms)`,
  )
  console.log(`  slowest          ${slowest.milliseconds.toFixed(0)} ms for ${slowest.text}`)
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(0)} s`
export const quantile = (times: readonly number[], share: number) =>
  `${times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1]!.toFixed(1)} ms`

export function benchSearch(): void {
  console.log(`\nText search, ${CONTEXTS.toLocaleString('en')} contexts of ${WORDS_A_CONTEXT} words`)
  const folder = mkdtempSync(join(tmpdir(), 'monoscope-bench-'))
  try {
    const random = generator(1)
    const words = makeWords(random)
    const path = join(folder, 'index.sqlite')
    build(path, textGenerator(words, random))
    const index = HarvestIndex.open(path)
    measure(index, words)
    index.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
