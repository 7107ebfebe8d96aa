// The prompt lab against a computation without short cuts; its sets in a workspace, and files from strangers.
import { describe, expect, it } from 'vitest'
import type { ReadText } from '../../../src/shared/features.ts'
import { labCsv, type LabRun, promptFile, type PromptSet, relations } from '../../../src/shared/prompt-lab.ts'
import { LabRuns, runLab } from '../../../src/main/features/lab/runs.ts'
import { parsePromptFile, PromptSets } from '../../../src/main/features/lab/sets.ts'
import { noise } from '../../../src/main/llama/noise.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const F = 12
const sae = { id: 'sae', hash: 'abc', features: F }

/** Activation of a feature at a token of a prompt; feature 0 never fires, 1 in the first half of the prompts alone. */
function activation(prompt: number, token: number, feature: number): number {
  if (feature === 0 || (feature === 1 && prompt >= 10)) return 0
  if (feature === 2) return prompt % 10 < 5 ? 1 + (prompt % 3) : 0
  return Math.max(0, Math.fround(noise(prompt, token, feature) - 0.7))
}

const tokensOf = (prompt: number) => 2 + (prompt % 4)

/** A beginning-of-text token, at which everything fires, and the others. */
function readingOf(prompt: number): ReadText {
  const T = tokensOf(prompt) + 1
  const rows = Array.from({ length: T }, (_, token) =>
    Array.from({ length: F }, (_, feature) => (token === 0 ? 9 : activation(prompt, token, feature))),
  )
  const codes = rows.map((row) => row.flatMap((value, feature) => (value > 0 ? [{ value, feature }] : [])))
  let sum = 0
  return {
    tokens: new Int32Array(T),
    texts: [],
    special: Uint8Array.from({ length: T }, (_, token) => (token === 0 ? 1 : 0)),
    starts: Uint32Array.from([0, ...codes.map(({ length }) => (sum += length))]),
    features: Uint32Array.from(codes.flat(), ({ feature }) => feature),
    values: Float32Array.from(codes.flat(), ({ value }) => value),
    leftOut: prompt === 3 ? 4 : 0,
  }
}

const read = (text: string) => Promise.resolve(readingOf(Number(text)))
const texts = (from: number) => Array.from({ length: 10 }, (_, at) => String(from + at))

function chosen(set: PromptSet, id = set.name) {
  const listed = {
    id,
    name: set.name,
    starter: false,
    prompts: set.prompts.length,
    languages: null,
    hash: id,
  }
  return { set, listed }
}

const plain = (name: string, from: number) =>
  chosen({ name, source: '', prompts: texts(from), parallel: null })
const never = new AbortController().signal

/** Of each of ten prompts from `from` on what the measure makes of the feature. */
function naive(from: number, feature: number) {
  const prompts = Array.from({ length: 10 }, (_, at) => {
    const values = Array.from({ length: tokensOf(from + at) }, (_, token) =>
      activation(from + at, token + 1, feature),
    )
    return {
      all: values.reduce((sum, value) => sum + value, 0) / values.length,
      last: values.at(-1)!,
      max: Math.max(...values),
      fires: values.some((value) => value > 0),
    }
  })
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const of = (measure: 'all' | 'last' | 'max') => {
    const values = prompts.map((prompt) => prompt[measure])
    const middle = mean(values)
    return { mean: middle, variance: values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / 9 }
  }
  return { of, fires: prompts.map(({ fires }) => fires) }
}

describe('A run of the prompt lab', () => {
  it('has the numbers of a computation without short cuts', async () => {
    const told: number[] = []
    const run = await runLab({
      ...{ sae, a: plain('one', 0), b: plain('two', 10), read, signal: never },
      onProgress: (done) => told.push(done),
    })
    expect(told).toEqual(Array.from({ length: 20 }, (_, at) => at + 1))
    expect(run).toMatchObject({ kind: 'contrast', cut: 1, relation: null, both: null })
    // what fires at special tokens alone does not fire
    expect([...run.features]).toEqual(Array.from({ length: F - 1 }, (_, at) => at + 1))
    for (const [at, feature] of run.features.entries()) {
      const [a, b] = [naive(0, feature), naive(10, feature)]
      for (const measure of ['all', 'last', 'max'] as const) {
        const { means, effect } = run.measures[measure]
        const [x, y] = [a.of(measure), b.of(measure)]
        expect(means[0]![at]).toBeCloseTo(x.mean, 5)
        expect(means[1]![at]).toBeCloseTo(y.mean, 5)
        const pooled = Math.sqrt((x.variance + y.variance) / 2)
        if (pooled > 0) expect(effect![at]).toBeCloseTo((x.mean - y.mean) / pooled, 4)
        else expect(effect![at]).toBeNaN()
      }
      expect(run.shares[0]![at]).toBeCloseTo(a.fires.filter(Boolean).length / 10, 6)
    }
    const lines = labCsv(run).trim().split('\r\n')
    expect(lines).toHaveLength(F)
    expect(lines[0]).toBe(
      'feature,mean_all_a,mean_all_b,difference_all,cohens_d_all,mean_last_a,mean_last_b,difference_last,' +
        'cohens_d_last,mean_max_a,mean_max_b,difference_max,cohens_d_max,share_a,share_b',
    )
    expect(lines[1]!.split(',')[2]).toBe('0')
  })

  it('tells across languages from of one language', async () => {
    const set: PromptSet = {
      ...{ name: 'pairs', source: '', prompts: texts(0) },
      parallel: { languages: ['en', 'es'], translations: texts(10) },
    }
    const run = await runLab({
      sae,
      a: chosen(set),
      b: null,
      read,
      onProgress: () => undefined,
      signal: never,
    })
    expect(run.kind).toBe('parallel')
    expect(run.sides.map(({ language }) => language)).toEqual(['en', 'es'])
    const relationOf = (feature: number) => relations[run.relation![run.features.indexOf(feature)]!]
    expect(relationOf(1)).toBe('first')
    expect(relationOf(2)).toBe('independent')
    const both = naive(0, 5).fires.filter((fires, at) => fires && naive(10, 5).fires[at]).length
    expect(run.both![run.features.indexOf(5)]).toBe(both)
    expect(labCsv(run)).toContain(',across languages\r\n')
  })

  it('stops where it is cancelled, and refuses a set against itself', async () => {
    const abort = new AbortController()
    const order = { sae, a: plain('one', 0), b: null, read, signal: abort.signal }
    await expect(
      runLab({ ...order, onProgress: (done) => done === 3 && abort.abort() }),
    ).rejects.toMatchObject({ kind: 'cancelled' })
    await expect(runLab({ ...order, b: plain('one', 0), onProgress: () => undefined })).rejects.toMatchObject(
      { code: 'lab/same-set' },
    )
  })
})

async function workspace() {
  const path = `${await temporaryFolder()}/monoscope.sqlite`
  const db = openForWriting(path, workspaceMigrations)
  return { sets: new PromptSets(db, path), runs: new LabRuns(db, path), close: () => db.close() }
}

describe('Sets of prompts', () => {
  it('are made, changed, copied and deleted; those that come with Monoscope only copied', async () => {
    const { sets, close } = await workspace()
    const starters = await sets.list()
    expect(starters.map(({ name, starter }) => [name, starter])).toEqual([
      ['Clinical study', true],
      ['Emotion words', true],
      ['Code', true],
      ['Parallel verses, English and Spanish', true],
    ])
    expect(starters.every(({ prompts }) => prompts >= 20)).toBe(true)
    const verses = starters[3]!
    const copy = await sets.duplicate(verses.id)
    expect((await sets.get(copy.id)).set.parallel?.languages).toEqual(['en', 'es'])
    const own = sets.save(null, { name: 'Own', source: '', prompts: ['a'], parallel: null })
    const changed = sets.save(own.id, { name: 'Own', source: '', prompts: ['a', 'b'], parallel: null })
    expect(changed.hash).not.toBe(own.hash)
    expect((await sets.list()).map(({ prompts }) => prompts).at(4)).toBe(2)
    sets.remove(own.id)
    await expect(sets.get(own.id)).rejects.toMatchObject({ code: 'lab/no-set' })
    expect(() => sets.remove(verses.id)).toThrow(expect.objectContaining({ code: 'lab/starter' }))
    expect(() => sets.save('unknown', parsePromptFile(Buffer.from('{"name":"x","prompts":["a"]}')))).toThrow(
      expect.objectContaining({ code: 'lab/no-set' }),
    )
    // a file that was written is read as what it was
    const { set } = await sets.get(verses.id)
    expect(parsePromptFile(Buffer.from(promptFile(set)))).toEqual(set)
    close()
  })

  it.each([
    ['no JSON', '{'],
    ['another thing', '[1, 2]'],
    ['no prompts', '{"name":"x","prompts":[]}'],
    ['an empty prompt', '{"name":"x","prompts":["a"," "]}'],
    ['prompts that are no texts', '{"name":"x","prompts":[{"text":"a"}]}'],
    ['no name', '{"prompts":["a"]}'],
    ['one language twice', '{"name":"x","languages":["en","en"],"pairs":[{"en":"a"}]}'],
    ['a pair without its translation', '{"name":"x","languages":["en","es"],"pairs":[{"en":"a"}]}'],
    ['a language that is a trick', '{"name":"x","languages":["__proto__","es"],"pairs":[{"es":"a"}]}'],
    ['too long a prompt', JSON.stringify({ name: 'x', prompts: ['a'.repeat(8_001)] })],
    ['too many prompts', JSON.stringify({ name: 'x', prompts: Array.from({ length: 2_001 }, () => 'a') })],
    ['too deep', `${'['.repeat(100)}${']'.repeat(100)}`],
  ])('refuse a file with %s', (_, text) => {
    expect(() => parsePromptFile(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'lab/bad-file' }),
    )
  })
})

it('Runs are saved whole, listed, and deleted', async () => {
  const { runs, close } = await workspace()
  const run: LabRun = await runLab({
    ...{ sae, a: plain('one', 0), b: plain('two', 10), read, signal: never },
    onProgress: () => undefined,
  })
  runs.save(run)
  expect(runs.list()).toEqual([{ id: run.id, at: run.at, sae, kind: 'contrast', sides: run.sides, cut: 1 }])
  expect(runs.get(run.id)).toEqual(run)
  runs.remove(run.id)
  expect(runs.list()).toEqual([])
  expect(() => runs.get(run.id)).toThrow(expect.objectContaining({ code: 'lab/no-run' }))
  close()
})
