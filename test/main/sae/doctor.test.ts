// The sparsity doctor on real small runs: each diagnosis is provoked once, and a healthy run is silent.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { RowLoader } from '../../../src/main/activations/row-loader.ts'
import { checkUp, type CheckupNews, lastCheckup } from '../../../src/main/sae/doctor/checkup.ts'
import { folded } from '../../../src/main/sae/fold.ts'
import { markRows, VocabularyMarks } from '../../../src/main/sae/marks.ts'
import { train } from '../../../src/main/sae/train.ts'
import { type StepColumn, TrainingMetrics } from '../../../src/main/store/training-metrics.ts'
import type { HarvestManifest } from '../../../src/shared/harvest.ts'
import { type TrainConfig, trainConfigSchema, variantOptions } from '../../../src/shared/sae.ts'
import { type FindingId, findingText, knobWords } from '../../../src/shared/sae-findings.ts'
import { stepColumns } from '../../../src/shared/saes.ts'
import { cpuWith } from '../../helpers/llama.ts'
import { runSae } from '../../helpers/run-sae.ts'
import { smallHarvest, strongTokens } from '../../helpers/small-harvest.ts'

const device = cpuWith()

const defaults: Partial<TrainConfig> = {
  ...{ width: 64, k: 4, batch: 64, tokens: 64 * 200, rate: 3e-3, warmup: 5, sparsityWarmup: 20 },
  ...{ validateEvery: 40, deadAfter: 64 * 40, checkpointMinutes: 60 },
}

const harvests = {
  usual: {},
  /** Directions are far enough apart for an L1 penalty to tell them from each other. */
  wide: { width: 64 },
  /** A tenth of the rows is four times as strong as the others. */
  loud: { strength: 4 },
  /** A tenth of the rows has two thirds of the directions for itself. */
  apart: { width: 64, apart: 32 },
}
type HarvestName = keyof typeof harvests
let root: string
const manifests = {} as Record<HarvestName, HarvestManifest>

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  for (const name of Object.keys(harvests) as HarvestName[]) {
    manifests[name] = await smallHarvest(join(root, name), harvests[name])
  }
})

afterAll(() => rm(root, { recursive: true, force: true }))

let runs = 0
async function run(changes: Partial<TrainConfig>, harvest: HarvestName = 'usual') {
  const folder = join(root, `run-${++runs}`)
  const config = trainConfigSchema.parse({ harvest: join(root, harvest), ...defaults, ...changes })
  const news: (CheckupNews & { readonly name: string | null })[] = []
  const trained = await train(
    {
      ...{ folder, config, device, memory: null, marks: strongTokens },
      input: { harvest: { folder: join(root, harvest), manifest: manifests[harvest] } },
    },
    {
      onProgress: () => undefined,
      onPlan: () => undefined,
      onCheckup: (told, name) => news.push({ ...told, name }),
      stopping: false,
      checkpoint: () => Promise.resolve(),
    },
  )
  return { folder, config, trained, news, last: news.at(-1)!.findings }
}

describe('the sparsity doctor', () => {
  it.each<[Partial<TrainConfig>, HarvestName]>([
    [{ variant: 'topk' }, 'usual'],
    [{ variant: 'batchtopk' }, 'usual'],
    [{ variant: 'matryoshka' }, 'usual'],
    [{ variant: 'switch', experts: 2 }, 'usual'],
    [{ variant: 'relu-l1', l1: 1, rate: 0.01, width: 128 }, 'wide'],
    [{ variant: 'relu-l1-unit', l1: 0.6, rate: 0.01 }, 'wide'],
    [{ variant: 'gated', l1: 1, rate: 0.01 }, 'wide'],
    [{ variant: 'jumprelu', l0Coefficient: 0.1, rate: 0.01 }, 'wide'],
    [{ variant: 'jumprelu', targetL0: 8, bandwidth: 0.3, rate: 0.01 }, 'wide'],
  ])('finds nothing in a healthy run of %j on the %s harvest', async (changes, harvest) => {
    const { news, folder } = await run(changes, harvest)
    expect(news.map(({ step }) => step)).toEqual([40, 80, 120, 160, 200])
    expect(news.flatMap(({ findings }) => findings.map(findingText))).toEqual([])
    expect(await lastCheckup(folder)).toEqual({ step: 200, findings: [] })
  })

  it.each<[FindingId, string, Partial<TrainConfig>, HarvestName]>([
    ['l0-collapsed', 'l1', { variant: 'relu-l1', l1: 30 }, 'usual'],
    ['l0-collapsed', 'rate', { variant: 'topk', rate: 0.5, warmup: 0 }, 'usual'],
    [
      'l0-collapsed',
      'sparsityWarmup',
      { variant: 'jumprelu', targetL0: 8, l0Coefficient: 100, rate: 0.1, sparsityWarmup: 0, warmup: 0 },
      'wide',
    ],
    ['l0-saturated', 'k', { variant: 'topk', k: 12 }, 'usual'],
    ['l0-saturated', 'l1', { variant: 'relu-l1', l1: 0.1 }, 'usual'],
    ['l0-saturated', 'l0Coefficient', { variant: 'jumprelu', targetL0: 3, l0Coefficient: 1e-3 }, 'usual'],
    ['sparsity-idle', 'l1', { variant: 'relu-l1-unit', l1: 0 }, 'usual'],
    ['sparsity-idle', 'l1', { variant: 'gated', l1: 1e-3 }, 'usual'],
    ['sparsity-idle', 'l0Coefficient', { variant: 'jumprelu', l0Coefficient: 1e-4 }, 'usual'],
    [
      'dead-growing',
      'auxCoefficient',
      { variant: 'topk', auxCoefficient: 0, rate: 0.03, width: 256 },
      'usual',
    ],
    ['dead-growing', 'resampleEvery', { variant: 'jumprelu', rate: 0.01, width: 128 }, 'wide'],
    ['dense-features', 'rate', { variant: 'topk', rate: 0.2, warmup: 0 }, 'usual'],
    ['norm-drift', 'l1', { variant: 'relu-l1', l1: 2, rate: 0.01 }, 'usual'],
    ['marks-dominate', 'harvest.sinkFactor', { variant: 'topk' }, 'loud'],
    ['marks-dominate', 'harvest.frequencyCap', { variant: 'topk', rate: 0.01 }, 'apart'],
  ])('finds %s (turn %s) in a run of %j on the %s harvest', async (id, knob, changes, harvest) => {
    const { last, folder } = await run(changes, harvest)
    const finding = last.find((candidate) => candidate.id === id)
    expect(finding, JSON.stringify(last)).toMatchObject({ knob })
    expect(finding!.evidence).toMatch(/\d.* steps? \d+|in steps \d+ to 200/)
    expect(knobWords(knob)).toMatch(/^\p{L}.* \(\w+\)$/u)
    expect(await lastCheckup(folder)).toEqual({ step: 200, findings: last })
  })

  it('looks at each SAE of a sweep by itself', async () => {
    const { news } = await run({ variant: 'topk', sweep: 'k=4,12' })
    expect(news.map(({ step, name }) => [step, name]).slice(-2)).toEqual([
      [200, 'k = 4'],
      [200, 'k = 12'],
    ])
    const found = (name: string) =>
      news.flatMap((told) => (told.name === name ? told.findings.map(({ id }) => id) : []))
    expect(found('k = 4')).toEqual([])
    expect(new Set(found('k = 12'))).toEqual(new Set(['l0-saturated']))
  })

  it('tells once what is new, since when it is so, and what is so no longer', async () => {
    const { news } = await run(
      { variant: 'jumprelu', targetL0: 8, bandwidth: 0.3, rate: 0.01, l0Coefficient: 0.02 },
      'wide',
    )
    for (const [at, { step, findings, appeared, gone }] of news.entries()) {
      const before = news[at - 1]?.findings ?? []
      expect(appeared).toEqual(findings.filter(({ since }) => since === step))
      const same = (id: FindingId) => findings.find((finding) => finding.id === id)
      expect(gone).toEqual(before.map(({ id }) => id).filter((id) => !same(id)))
      for (const { id, since } of before) if (!gone.includes(id)) expect(same(id)!.since).toBe(since)
    }
    expect(news.some(({ step, findings }) => findings.some(({ since }) => since < step))).toBe(true)
    expect(news.some(({ gone }) => gone.includes('sparsity-idle'))).toBe(true)
  })
})

it.each(['topk', 'switch', 'relu-l1'] as const)(
  'what falls on marks in %s is what a naive recomputation of the finished SAE finds',
  async (variant) => {
    const { trained, config } = await run({ variant, experts: 2 }, 'loud')
    const { scale } = trained
    const { state, validation } = trained.members[0]!
    const [D, F] = [manifests.loud.model.width, config.width]
    const options = variantOptions(config, D)
    const sae = folded({ variant, D, F, options, state, scale, metadata: {} })
    const loader = new RowLoader(join(root, 'loud'), manifests.loud, { split: 'validation', batch: 400 })
    for await (const { count, activations, tokens } of loader.batches()) {
      expect(count).toBe(400)
      const { features } = await runSae(sae, activations)
      const length = (f: number) => Math.hypot(...sae.tensors.W_dec!.subarray(f * D, (f + 1) * D))
      const rows = Array.from(tokens.keys())
      const marked = rows.filter((row) => strongTokens.has(tokens[row]!))
      const fires = (f: number, of: number[]) => of.filter((row) => features[row * F + f]! > 0).length
      const mass = (of: number[]) =>
        of
          .flatMap((row) => Array.from({ length: F }, (_, f) => features[row * F + f]! * length(f)))
          .reduce((a, b) => a + b, 0)
      const telling = Array.from({ length: F }, (_, f) => f).filter((f) => fires(f, rows) >= 10)
      const those = telling.filter((f) => fires(f, marked) > fires(f, rows) / 2)
      expect(validation!.marks!.rows).toBe(0.1)
      expect(validation!.marks!.mass).toBeCloseTo(mass(marked) / mass(rows), 5)
      expect(validation!.marks!.features).toBeCloseTo(those.length / telling.length, 5)
    }
  },
)

describe('training that waits for its rows', () => {
  // 100 steps of 64 rows at 64 rows a second, so 100 s of work
  it.each([
    [0.2, false, 'harvest.encoding'],
    [0.2, true, 'live'],
    [0.04, false, null],
  ] as const)('for %d of the time is told of, and what to do (live: %s)', async (waiting, live, knob) => {
    const folder = join(root, `waiting-${waiting}-${live}`)
    await mkdir(folder)
    const metrics = new TrainingMetrics(join(folder, 'metrics.sqlite'))
    const step = Object.fromEntries(stepColumns.map((name) => [name, 1])) as Record<StepColumn, number>
    const told = { ...step, l0: 4, shrinkage: 1, dead: 0, rowsPerSecond: 64 }
    // it comes all at once
    metrics.steps(
      Array.from({ length: 100 }, (_, at) => {
        const share = (100 * waiting) / (1 - waiting) / 10
        return { ...told, step: at + 1, waiting: at % 10 === 0 ? share / (1 + share) : 0 }
      }),
    )
    const config = trainConfigSchema.parse({ harvest: 'h', ...defaults, live })
    const { findings } = checkUp(metrics, { config, width: 64, steps: 100 }, 100)
    metrics.close()
    expect(findings.map((found) => found.knob)).toEqual(knob === null ? [] : [knob])
    if (knob !== null) expect(findings[0]!.evidence).toContain('20 % of the time, 25 s')
  })
})

describe('a target L0', () => {
  it.each([5, 10])('of %d is come to', async (targetL0) => {
    const { trained } = await run(
      { variant: 'jumprelu', targetL0, bandwidth: 0.3, rate: 0.01, tokens: 64 * 400 },
      'wide',
    )
    expect(trained.members[0]!.validation!.l0 / targetL0).toBeGreaterThan(0.8)
    expect(trained.members[0]!.validation!.l0 / targetL0).toBeLessThan(1.2)
  })
})

describe('metrics from before there were checkups', () => {
  it('are read without any, and get their place when training goes on', async () => {
    const folder = join(root, 'before')
    await mkdir(folder)
    const path = join(folder, 'metrics.sqlite')
    new TrainingMetrics(path).close()
    const old = new Database(path)
    old.exec('DROP TABLE checkup; ALTER TABLE validation DROP COLUMN marks; PRAGMA user_version = 1;')
    old.exec('ALTER TABLE step DROP COLUMN waiting')
    old.exec(`INSERT INTO validation (step, fvu, densities) VALUES (10, 0.5, '[1]')`)
    old.close()
    expect(await lastCheckup(folder)).toEqual({ step: null, findings: [] })
    const metrics = new TrainingMetrics(path)
    expect(metrics.landmarks().validations).toMatchObject([{ step: 10, fvu: 0.5, marks: null }])
    metrics.checkup({ step: 10, findings: [] })
    expect(await lastCheckup(folder)).toEqual({ step: 10, findings: [] })
    metrics.cutAfter(9)
    metrics.close()
    expect(await lastCheckup(folder)).toEqual({ step: null, findings: [] })
  })
})

test('marks are punctuation, spaces, signs and special tokens; words, pictures and parts of characters are not', () => {
  const tokens = ['. ', '\n\n', ' +', '…”', '<|eot|>', 'word', " 's", '7', '🙂', '語']
  const bytes = [...tokens.map((token) => new TextEncoder().encode(token)), Uint8Array.of(0xe8, 0xaa)]
  const marks = new VocabularyMarks({
    bytesOf: (id) => bytes[id]!,
    isSpecial: (id) => id === 4,
    beginsWithSpace: false,
  })
  expect([...markRows(marks, Int32Array.from(bytes.keys()))]).toEqual([1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
})
