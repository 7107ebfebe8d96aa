// Text search: what it finds is what is in the text, whatever is typed, and samples when there is too much.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { HarvestIndex } from '../../../src/main/activations/harvest-index.ts'
import { IndexWriter } from '../../../src/main/activations/index-writer.ts'
import { parseSearch } from '../../../src/main/activations/search-expression.ts'

const texts = [
  'The cat sat on the mat, and the cat slept.',
  'A dog is not a cat; naïve Café owners walk it.',
  'Walking silver under the moon: walked, walks.',
  '中国の経済は東京で。',
  'She said "hello 🙂 there" -- it costs 5.25 dollars',
  'concatenate the strings; DROP TABLE context;',
  'the old moon under a silver sea',
]
/** More than are ranked one by one; "common" is in all, "pair of" in every second, "seldom" in every thousandth. */
const MANY = 12_000
const many = (id: number) =>
  `common ${id % 2 === 0 ? 'pair of' : 'of pair'} ${id % 1000 === 0 ? 'seldom' : 'often'} w${id.toString(36)}`

let folder: string
let few: HarvestIndex
let large: HarvestIndex

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  few = build('few.sqlite', texts.length, (id) => texts[id]!)
  large = build('large.sqlite', MANY, many)
})
afterAll(async () => {
  few.close()
  large.close()
  await rm(folder, { recursive: true, force: true })
})

function build(name: string, contexts: number, textOf: (id: number) => string): HarvestIndex {
  const path = join(folder, name)
  const writer = IndexWriter.open(path)
  for (let id = 0; id < contexts; id++)
    writer.addContext({ id, firstRow: id * 8, tokens: 8, text: textOf(id), sentence: 0 })
  writer.commit({})
  writer.finish()
  return HarvestIndex.open(path)
}

/** The contexts found, in their order in the corpus. */
function found(text: string): number[] {
  const { hits, matches, counted, sampled } = few.search({ text, limit: 100 })
  expect({ matches, counted, sampled }).toEqual({ matches: hits.length, counted: true, sampled: false })
  return hits.map(({ id }) => id).sort()
}

/** What is marked in the best hit. */
function marked(text: string): string[] {
  const hit = few.search({ text, limit: 1 }).hits[0]!
  return hit.ranges.map(([start, end]) => hit.text.slice(start, end))
}

describe('a search', () => {
  it.each<[string, number[]]>([
    ['cat', [0, 1]],
    ['CAT dog', [1]],
    ['cat OR moon', [0, 1, 2, 6]],
    ['cat | moon -dog', [0, 1, 2, 6]],
    ['(cat | moon) -dog', [0, 2, 6]],
    ['moon -(walks OR sea)', []],
    ['(cat OR moon) silver', [2, 6]],
    ['"silver sea"', [6]],
    ['"silver under"', [2]],
    ['-"silver sea" moon', [2]],
    ['walk*', [1, 2]],
    ['"the m*"', [0, 2]],
    ['*cat*', [0, 1, 5]],
    ['*alk', [1, 2]],
    ['"*ver un*"', [2]],
    ['naive cafe', [1]],
    ['NAÏVE', [1]],
    ['経済', [3]],
    ['東京 中国', [3]],
    ['京', [3]],
    ['で。', [3]],
    ['🙂', [4]],
    ['5.25', [4]],
    ['nothing-like-it', []],
    ['cat NOT dog', [0]],
  ])('for %s finds it', (text, expected) => {
    expect(found(text)).toEqual(expected)
  })

  it('marks what it found', () => {
    expect(marked('cat')).toEqual(['cat', 'cat'])
    expect(marked('walk* silver')).toEqual(
      ['Walking', 'silver', 'walked', 'walks'].map((word) => word.replace(/(ing|ed|s)$/, '')),
    )
    expect(marked('naive cafe')).toEqual(['naïve', 'Café'])
    expect(marked('"silver under"')).toEqual(['silver under'])
    expect(marked('経済')).toEqual(['経済'])
    expect(marked('"hello 🙂 there"')).toEqual(['hello 🙂 there'])
  })

  it('has the better match first', () => {
    const { hits } = few.search({ text: 'cat OR dog', limit: 9 })
    expect(hits.map(({ id }) => id)).toEqual([1, 0])
    expect(hits[0]!.score).toBeGreaterThan(hits[1]!.score)
    expect(few.search({ text: 'cat OR dog', limit: 1 }).hits).toEqual(hits.slice(0, 1))
  })

  it.each([
    ...[
      '',
      ' ',
      '"',
      '""',
      '"""',
      '*',
      '**',
      '(',
      ')',
      '(((',
      ')))',
      '()',
      'OR',
      'AND',
      '- -',
      '| |',
      '\0',
      '\ud83d',
    ],
    ...[
      "'; DROP TABLE context; --",
      'text:cat',
      'cat:',
      '^cat',
      'NEAR(cat dog, 2)',
      '{text} : cat',
      'cat + dog',
    ],
    ...[
      'cat"dog',
      '"cat',
      'cat)',
      '(cat',
      'cat OR',
      'OR cat',
      'cat AND AND dog',
      'cat -',
      'rowid',
      '%',
      '_',
      '\\',
    ],
    ...[
      'cat*dog',
      'c*t',
      '-- /* */',
      '🙂🙂🙂',
      '\u0301',
      'a\u0301',
      '()()()',
      '((cat) OR (dog',
      '1e999',
      '$1',
      '?1',
    ],
  ])('takes %j as it comes', (text) => {
    const { hits, matches } = few.search({ text, limit: 10 })
    expect(matches).toBeGreaterThanOrEqual(hits.length)
    expect(few.counts().contexts).toBe(texts.length)
  })

  it.each(['x'.repeat(10_000), 'cat '.repeat(65), `${'('.repeat(500)}cat`])(
    'refuses what is too long',
    (text) => {
      expect(() => few.search({ text, limit: 10 })).toThrow(
        expect.objectContaining({ code: 'search/too-long' }),
      )
    },
  )

  it('that only says what is not wanted is refused', () => {
    for (const text of ['-cat', 'NOT cat', '(-cat) OR -dog']) {
      expect(() => few.search({ text, limit: 10 })).toThrow(
        expect.objectContaining({ code: 'search/only-without' }),
      )
    }
  })

  it('is read as an expression', () => {
    expect(parseSearch('a-b c')).toEqual({
      type: 'all',
      of: [
        { type: 'words', words: ['a', 'b'], prefix: false, text: 'a-b' },
        { type: 'words', words: ['c'], prefix: false, text: 'c' },
      ],
    })
    expect(parseSearch('"a b"*')).toEqual({ type: 'words', words: ['a', 'b'], prefix: true, text: 'a b' })
    expect(parseSearch('()')).toBeUndefined()
  })
})

describe('a search with many matches', () => {
  it('for one word counts them and ranks a sample of the whole corpus, the same every time', () => {
    const result = large.search({ text: 'common', limit: 1_000 })
    expect(result).toMatchObject({ matches: MANY, counted: true, sampled: true, ranked: 512 })
    const ids = result.hits.map(({ id }) => id)
    expect(new Set(ids).size).toBe(512)
    // from every tenth of the corpus
    for (let tenth = 0; tenth < 10; tenth++) {
      expect(ids.some((id) => Math.floor((id * 10) / MANY) === tenth)).toBe(true)
    }
    expect(large.search({ text: 'common', limit: 1_000 })).toEqual(result)
  })

  it('up to ten thousand ranks all when they can be weighed, and a sample when words are too frequent', () => {
    expect(large.search({ text: 'seldom', limit: 5 })).toMatchObject({
      matches: 12,
      counted: true,
      ranked: 12,
    })
    const phrase = large.search({ text: '"pair of"', limit: 5 })
    expect(phrase).toMatchObject({ matches: MANY / 2, counted: true, ranked: MANY / 2, sampled: false })
    const frequent = large.search({ text: 'common pair of -seldom', limit: 5 })
    expect(frequent).toMatchObject({ sampled: true, ranked: 512 })
    expect(frequent.matches / (MANY - 12)).toBeCloseTo(1, 1)
    // a word that all have changes nothing but how long it takes
    const [rare, both] = ['seldom', 'common seldom'].map((text) => large.search({ text, limit: 50 }))
    expect(both).toMatchObject({ matches: 12, counted: true, ranked: 12, sampled: false })
    expect(both!.hits.map(({ id }) => id)).toEqual(rare!.hits.map(({ id }) => id))
    // found among frequent words all the same
    expect(large.search({ text: 'common pair of seldom', limit: 50 })).toMatchObject({
      matches: 12,
      sampled: false,
    })
  })

  it('of how words begin says when it took only the most frequent', () => {
    const result = large.search({ text: 'w*', limit: 5 })
    expect(result.hits).toHaveLength(5)
    expect(result.matches).toBe(MANY)
    const short = large.search({ text: '*w*', limit: 5 })
    expect(short).toMatchObject({ counted: false, sampled: true })
  })
})
