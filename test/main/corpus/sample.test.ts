// Samples: shares that are kept, each text once, the same whatever interrupts them, and accounts that add up.
import { existsSync } from 'node:fs'
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type CorpusItem, readCorpus } from '../../../src/main/corpus/corpus.ts'
import { LedgerKeeper } from '../../../src/main/corpus/corpus-ledger.ts'
import { type CorpusReader, sampleCorpus, type StratumShare } from '../../../src/main/corpus/sample.ts'
import type { Specimen } from '../../../src/main/store/sample-plan.ts'
import { sharesOf } from '../../../src/main/corpus/shares.ts'
import {
  type CorpusLedger,
  corpusLedgerSchema,
  samplePresets,
  type SampleSpec,
  sampleSpecSchema,
} from '../../../src/shared/corpus.ts'
import { corpusFolder, itemsOf, jsonLines } from '../../helpers/corpus.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

/** Files of records in three strata of very different size; every tenth is a duplicate, every 25th has no text. */
async function corpus(): Promise<CorpusReader & { folder: string }> {
  const files = Object.fromEntries(
    Array.from({ length: 6 }, (_, file) => [
      `${file}.jsonl`,
      jsonLines(
        Array.from({ length: 100 }, (_, line) => {
          const n = file * 100 + line
          const stratum = n % 20 === 0 ? 'rare' : n % 4 === 0 ? 'some' : 'most'
          const text = n % 10 === 3 && n > 50 ? 'Once again.' : `${n} `.repeat(20 + (n % 60))
          return n % 25 === 7 ? { n } : { text, set: stratum, lang: n % 2 ? 'en' : 'es' }
        }),
      ),
    ]),
  )
  const folder = await corpusFolder(files)
  const spec = { path: folder, stratumField: 'set', languageField: 'lang' }
  return Object.assign((range: Parameters<CorpusReader>[0]) => readCorpus(spec, range), { folder })
}

async function planPath() {
  return join(await temporaryFolder(), 'plan.sqlite')
}

const specs: [string, SampleSpec][] = [
  ['head', { method: 'head' }],
  ['reservoir', { method: 'reservoir', seed: 7 }],
  ['equal strata', { method: 'stratified', seed: 7, weights: 'equal' }],
  [
    'weights and quotas',
    { method: 'stratified', seed: 7, weights: { most: 1, some: 3 }, quotas: { rare: 300 } },
  ],
]
const tokens = 4_000

function used(items: readonly CorpusItem[]): number[] {
  return items.flatMap((item) => (item.kind === 'document' ? [item.document.ordinal] : []))
}

describe.each(specs)('a sample: %s', (_name, spec) => {
  it('gives every item once, in order, each text once, and adds up', async () => {
    const { items, documents } = await itemsOf(
      sampleCorpus(await corpus(), spec, { tokens, plan: await planPath() }),
    )
    expect(items.map((item) => (item.kind === 'document' ? item.document.ordinal : item.ordinal))).toEqual(
      Array.from({ length: 600 }, (_, index) => index),
    )
    expect(new Set(documents.map(({ text }) => text)).size).toBe(documents.length)
    const keeper = new LedgerKeeper()
    for (const item of items) keeper.add(item)
    expect(addsUp(keeper.ledger)).toBe(true)
    expect(keeper.ledger).toMatchObject({
      read: 600,
      used: documents.length,
      skipped: { 'no-text': 24, duplicate: 54 },
    })
  })

  it('is the same however often it is interrupted, and wherever it is continued', async () => {
    const reader = await corpus()
    const { items } = await itemsOf(sampleCorpus(reader, spec, { tokens, plan: await planPath() }))
    const plan = await planPath()
    const joined: CorpusItem[] = []
    for (const [attempt, stop] of [3, 90, 140, 155, 201, 420, 600].entries()) {
      const from = joined.length
      // the reading breaks off too: in the survey at first, later between
      const breaking: CorpusReader = async function* (range) {
        let left = 75 + attempt * 150
        for await (const item of reader(range)) {
          if (left-- === 0) throw new Error('the disk was unplugged')
          yield item
        }
      }
      try {
        for await (const item of sampleCorpus(attempt < 4 ? breaking : reader, spec, {
          tokens,
          plan,
          from,
        })) {
          joined.push(item)
          if (joined.length >= stop) break
        }
      } catch (error) {
        expect((error as Error).message).toBe('the disk was unplugged')
      }
    }
    expect(joined).toEqual(items)
  })
})

describe('a random sample', () => {
  it('depends on its seed, and is no longer than was wanted', async () => {
    const reader = await corpus()
    const take = async (seed: number) =>
      itemsOf(sampleCorpus(reader, { method: 'reservoir', seed }, { tokens, plan: await planPath() }))
    const [first, second] = [await take(1), await take(2)]
    expect(used(first.items)).not.toEqual(used(second.items))
    const taken = first.documents.reduce((sum, { text }) => sum + Math.ceil(text.length / 4), 0)
    expect(taken).toBeGreaterThanOrEqual(tokens)
    expect(taken).toBeLessThan(tokens + 100)
    // all of the corpus, not its beginning
    expect(used(first.items).at(-1)).toBeGreaterThan(500)
  })

  it('can be of the first items only, and takes everything where there is less than is wanted', async () => {
    const reader = await corpus()
    const few = await itemsOf(
      sampleCorpus(reader, { method: 'reservoir', survey: 50 }, { tokens: 1e6, plan: await planPath() }),
    )
    expect(few.items).toHaveLength(50)
    expect(few.documents).toHaveLength(48)
    const all = await itemsOf(
      sampleCorpus(reader, { method: 'reservoir' }, { tokens: 1e9, plan: await planPath() }),
    )
    expect(all.documents).toHaveLength(600 - 24 - 54)
  })

  it('counts tokens as it is told to', async () => {
    const { documents } = await itemsOf(
      sampleCorpus(
        await corpus(),
        { method: 'reservoir' },
        { tokens: 10, plan: await planPath(), estimate: () => 1 },
      ),
    )
    expect(documents).toHaveLength(10)
  })
})

describe('a stratified sample', () => {
  async function shares(spec: SampleSpec): Promise<Record<string, number>> {
    let told: readonly StratumShare[] = []
    const { documents } = await itemsOf(
      sampleCorpus(await corpus(), spec, {
        tokens,
        plan: await planPath(),
        onPlan: (strata) => (told = strata),
      }),
    )
    const taken: Record<string, number> = {}
    for (const { text, stratum, language } of documents) {
      const name = String(spec.by === 'language' ? language : stratum)
      taken[name] = (taken[name] ?? 0) + Math.ceil(text.length / 4)
    }
    for (const { name, chosen, wanted } of told) {
      expect(chosen).toBe(taken[String(name)] ?? 0)
      expect(chosen).toBeGreaterThanOrEqual(wanted)
      expect(chosen).toBeLessThan(wanted + 100)
    }
    return Object.fromEntries(told.map(({ name, wanted }) => [String(name), wanted]))
  }

  it('has equal, proportional and weighted shares, and quotas first', async () => {
    const equal = await shares({ method: 'stratified', weights: 'equal', by: 'stratum' })
    // the rare one has less than a third of the tokens: the others share what it lacks
    expect(equal.rare).toBeLessThan(tokens / 3)
    expect(equal.some).toBe(equal.most)
    const proportional = await shares({ method: 'stratified', weights: 'proportional' })
    expect(proportional.most! / proportional.some!).toBeGreaterThan(2)
    expect(
      await shares({ method: 'stratified', weights: { most: 1, some: 3 }, quotas: { rare: 400 } }),
    ).toEqual({
      most: 900,
      rare: 400,
      some: 2_700,
    })
    expect(await shares({ method: 'stratified', quotas: { rare: 400 } })).toEqual({
      most: 0,
      rare: 400,
      some: 0,
    })
    expect(await shares({ method: 'stratified', weights: 'equal', by: 'language' })).toEqual({
      en: 2_000,
      es: 2_000,
    })
  })

  it.each<[string, SampleSpec, string]>([
    ['a stratum that is none', { method: 'stratified', weights: { fiction: 1 } }, 'sample/unknown-stratum'],
    ['quotas beyond what is wanted', { method: 'stratified', quotas: { most: 5_000 } }, 'sample/quotas'],
    ['weights of nothing', { method: 'stratified', weights: { most: 0 } }, 'sample/nothing'],
  ])('refuses %s', async (_what, spec, code) => {
    const failed = itemsOf(sampleCorpus(await corpus(), spec, { tokens, plan: await planPath() }))
    await expect(failed).rejects.toMatchObject({ kind: 'expected', code })
  })

  it('refuses what has no strata, or as many as documents', async () => {
    const texts = (field: string) =>
      jsonLines(
        Array.from({ length: 10_050 }, (_, index) => ({ text: `text ${index}`, [field]: `${index}` })),
      )
    const path = await corpusFolder({ 'a.jsonl': texts('url') })
    const spec: SampleSpec = { method: 'stratified', weights: 'equal' }
    for (const [stratumField, code] of [
      ['nowhere', 'sample/no-strata'],
      ['url', 'sample/too-many-strata'],
    ] as const) {
      const reader: CorpusReader = (range) => readCorpus({ path, stratumField }, range)
      const failed = itemsOf(sampleCorpus(reader, spec, { tokens, plan: await planPath() }))
      await expect(failed).rejects.toMatchObject({ code })
    }
  })

  it('shares without rest, whatever the strata have', () => {
    const strata = [
      { name: 'a', tokens: 10 },
      { name: 'b', tokens: 1_000 },
      { name: null, tokens: 90 },
    ]
    expect(sharesOf(strata, 600, { weights: 'equal' })).toEqual(
      new Map([
        ['a', 10],
        [null, 90],
        ['b', 500],
      ]),
    )
    expect(sharesOf(strata, 5_000, { weights: 'equal' })).toEqual(
      new Map([
        ['a', 10],
        ['b', 1_000],
        [null, 90],
      ]),
    )
    expect(sharesOf(strata, 110, { weights: 'proportional' })).toEqual(
      new Map([
        ['a', 1],
        ['b', 100],
        [null, 9],
      ]),
    )
  })
})

describe('specimens', () => {
  it('are of every stratum, chosen, with the smallest keys, and the same whatever interrupts the survey', async () => {
    const read = await corpus()
    const specimensOf = async (plan: string, spec: SampleSpec, stopAt = Infinity) => {
      let found: readonly Specimen[] = []
      let looked = 0
      const controller = new AbortController()
      const items = sampleCorpus(read, spec, {
        ...{ tokens, plan, signal: controller.signal },
        onSurvey: () => void (++looked >= stopAt && controller.abort()),
        onSpecimens: (specimens) => (found = specimens),
      })
      const used: number[] = []
      try {
        for await (const item of items) if (item.kind === 'document') used.push(item.document.ordinal)
      } catch (error) {
        if (!controller.signal.aborted) throw error
      }
      return { found, used }
    }
    const equal: SampleSpec = { method: 'stratified', seed: 7, weights: 'equal' }
    const { found, used } = await specimensOf(await planPath(), equal)
    expect(new Set(found.map(({ stratum }) => stratum))).toEqual(new Set(['rare', 'some', 'most']))
    expect(found.every(({ ordinal }) => used.includes(ordinal))).toBe(true)
    expect(found.every(({ text }) => text.length > 0)).toBe(true)
    // from the whole corpus
    expect(Math.max(...found.map(({ ordinal }) => ordinal))).toBeGreaterThan(500)
    const interrupted = await planPath()
    for (const stopAt of [40, 90, 130]) await specimensOf(interrupted, equal, stopAt)
    expect(await specimensOf(interrupted, equal)).toEqual({ found, used })
    const other = await specimensOf(await planPath(), { ...equal, seed: 8 })
    expect(other.found).not.toEqual(found)
    // one stratum has more of them than fit, and keeps those with the smallest keys
    const { found: random } = await specimensOf(await planPath(), { method: 'reservoir', seed: 7 })
    expect(random.length).toBeGreaterThan(20)
    expect(random.map(({ key }) => key)).toEqual(random.map(({ key }) => key).sort((a, b) => a - b))
  })
})

describe('a plan', () => {
  it('belongs to one sample of one corpus', async () => {
    const reader = await corpus()
    const plan = await planPath()
    const sample = (spec: SampleSpec) => itemsOf(sampleCorpus(reader, spec, { tokens, plan }))
    await sample({ method: 'reservoir', seed: 1 })
    await expect(sample({ method: 'reservoir', seed: 2 })).rejects.toMatchObject({
      code: 'sample/other-plan',
    })
    await cp(join(reader.folder, '1.jsonl'), join(reader.folder, '0.jsonl'))
    await expect(sample({ method: 'reservoir', seed: 1 })).rejects.toMatchObject({ code: 'corpus/changed' })
    expect(existsSync(`${plan}-wal`)).toBe(false)
  })

  it('that is no plan is named', async () => {
    const plan = await planPath()
    await writeFile(plan, 'something else that is long enough to be no database'.repeat(50))
    const failed = itemsOf(sampleCorpus(await corpus(), { method: 'head' }, { tokens, plan }))
    await expect(failed).rejects.toMatchObject({ code: 'disk/corrupt' })
  })
})

describe('a ledger', () => {
  it('adds up, and lists the first faults but counts all', async () => {
    const { items } = await itemsOf(
      sampleCorpus(await corpus(), { method: 'head' }, { tokens, plan: await planPath() }),
    )
    const whole = new LedgerKeeper()
    for (const item of items) whole.add(item)
    expect(addsUp(corpusLedgerSchema.parse(JSON.parse(JSON.stringify(whole.ledger))))).toBe(true)
    const faulty = new LedgerKeeper()
    for (let ordinal = 0; ordinal < 1_000; ordinal++) {
      faulty.add({ kind: 'skipped', ordinal, source: 'a', reason: 'malformed', detail: '' })
    }
    expect(faulty.ledger.skipped).toEqual({ malformed: 1_000 })
    expect(faulty.ledger.faults).toHaveLength(300)
    expect(addsUp({ ...whole.ledger, read: whole.ledger.read + 1 })).toBe(false)
  })
})

/** True when everything that was read was either used or skipped, in all and by stratum and language. */
function addsUp({ read, used, skipped, characters, strata, languages }: CorpusLedger): boolean {
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0)
  return (
    read === used + left &&
    [strata, languages].every(
      (rows) =>
        rows.reduce((sum, row) => sum + row.documents, 0) === used &&
        rows.reduce((sum, row) => sum + row.characters, 0) === characters,
    )
  )
}

it('the presets are well formed, and weights belong to stratified samples', () => {
  for (const { spec } of samplePresets) expect(sampleSpecSchema.parse(spec)).toEqual(spec)
  expect(sampleSpecSchema.safeParse({ method: 'head', weights: 'equal' }).success).toBe(false)
})
