// Training live from the model: each pass hands out every row once, from any place the same rows follow, and nothing is stored.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { harvest } from '../../../src/main/activations/harvest.ts'
import type { LiveInput } from '../../../src/main/activations/live-reader.ts'
import { LiveRows } from '../../../src/main/activations/live-rows.ts'
import { type RowBatch, RowLoader } from '../../../src/main/activations/row-loader.ts'
import { AskedToStop, type RowPosition } from '../../../src/main/activations/row-source.ts'
import { firstPosition } from '../../../src/main/activations/shuffled-rows.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { noise } from '../../../src/main/llama/noise.ts'
import { train, type TrainingOrder } from '../../../src/main/sae/train.ts'
import { type HarvestConfig, type HarvestManifest, harvestConfigSchema } from '../../../src/shared/harvest.ts'
import { trainConfigSchema } from '../../../src/shared/sae.ts'
import { trainingInput } from '../../../src/shared/training-input.ts'
import { corpusFolder, jsonLines } from '../../helpers/corpus.ts'
import { cpuWith, demoLlama } from '../../helpers/llama.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { digest, killedTraining, metricsOf, StoppedHere, trainingDefaults } from '../../helpers/training.ts'

const words = ['pain', 'the patient', 'said', 'and it came to pass', 'import', 'chest', 'of the']
const device = cpuWith()
const D = 192
const opened = new Set<LiveRows>()

let config: HarvestConfig
let manifest: HarvestManifest
let harvested: string
let folder: string

beforeAll(async () => {
  const texts = Array.from({ length: 120 }, (_, document) => {
    const length = 4 + Math.floor(noise(1, 1, document) * 40)
    const pick = (place: number) => words[Math.floor(noise(2, document, place) * words.length)]!
    return { text: `Document ${document}: ${Array.from({ length }, (_, place) => pick(place)).join(' ')}.` }
  })
  folder = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  await writeFile(join(folder, 'corpus.jsonl'), jsonLines(texts))
  config = harvestConfigSchema.parse({
    ...{ model: 'demo', corpus: join(folder, 'corpus.jsonl'), layer: 1, tokens: 100_000, contextLength: 32 },
    ...{ validationShare: 0.2, frequencyCap: 0.1 },
  })
  const checkpoint = await openCheckpoint(demoLlama.folder)
  const order = {
    config,
    device,
    hub: null,
    shardRows: 400,
    model: { name: 'demo', hash: 'demo', checkpoint },
  }
  const work = { onProgress: () => undefined, checkpoint: () => Promise.resolve() }
  harvested = join(folder, 'harvest')
  manifest = await harvest({ ...order, folder: harvested }, work)
}, 60_000)
afterAll(async () => {
  for (const rows of opened) await closed(rows)
  await rm(folder, { recursive: true })
})

async function liveInput(changes: Partial<HarvestConfig> = {}): Promise<LiveInput> {
  const checkpoint = await openCheckpoint(demoLlama.folder)
  return {
    ...{ config: { ...config, ...changes }, checkpoint, hub: null, folder: await temporaryFolder() },
    refill: 400,
  }
}

async function liveRows(input?: LiveInput, stopping = () => false, ahead = false): Promise<LiveRows> {
  const options = { device, validationRows: 500, stopping, ahead }
  const rows = await LiveRows.start(input ?? (await liveInput()), options)
  opened.add(rows)
  return rows
}

async function closed(rows: LiveRows): Promise<void> {
  opened.delete(rows)
  await rows.close()
}

/** Σ of the rows that train, as the harvest stored them. */
async function trainingSums(): Promise<Float64Array> {
  const sums = new Float64Array(D)
  const loader = new RowLoader(harvested, manifest, { split: 'train', batch: 512 })
  for await (const { activations } of loader.batches()) {
    for (const [at, value] of activations.entries()) sums[at % D]! += value
  }
  return sums
}

const keysOf = (x: Float32Array) =>
  Array.from({ length: x.length / D }, (_, row) => x.subarray(row * D, (row + 1) * D).join())

describe('rows from the model', () => {
  it('are those that a harvest would train on, each once a pass, every pass in another order', async () => {
    const rows = await liveRows()
    await rows.open(firstPosition)
    const { train: count, frequent } = manifest.ledger.split
    expect(count).toBeGreaterThan(1_500)
    expect(frequent).toBeGreaterThan(10)
    const { x: first, position } = await rows.next(count, 1)
    expect(position).toMatchObject({ epoch: 0 })
    const { x: second, position: after } = await rows.next(count, 1)
    expect(after).toMatchObject({ epoch: 1 })
    expect(keysOf(second)).not.toEqual(keysOf(first))
    expect(keysOf(second).toSorted()).toEqual(keysOf(first).toSorted())
    // the same numbers, but for the rounding to float16 and the model's batches
    const stored = await trainingSums()
    const live = new Float64Array(D)
    for (const [at, value] of first.entries()) live[at % D]! += value
    for (const [d, sum] of live.entries()) expect(Math.abs(sum - stored[d]!) / count).toBeLessThan(1e-3)
  })

  it('mix each refill with the one before and the one after it', async () => {
    const input = await liveInput()
    const rows = await liveRows(input)
    await rows.open(firstPosition)
    const { position: end } = await rows.next(manifest.ledger.split.train, 1)
    // as many pools as refills, and what waits at the end
    expect(end.pool).toBe(Math.ceil(manifest.ledger.contexts / Math.floor(400 / 32)))
    expect(end.corpus.document).toBeGreaterThan(80)
  })

  it.each([1, 333, 1_200, 2_500])(
    'go on from their place after %d as if nothing had happened',
    async (at) => {
      const input = await liveInput()
      const rows = await liveRows(input)
      await rows.open(firstPosition)
      const { position } = await rows.next(at, 1)
      const { x, position: end } = await rows.next(700, 2)
      await closed(rows)
      // one is made ahead, the other when it is asked for
      const again = await liveRows(input, undefined, true)
      // as a checkpoint keeps it
      await again.open(JSON.parse(JSON.stringify(position)) as RowPosition)
      const next = await again.next(700, 2)
      expect(keysOf(next.x)).toEqual(keysOf(x))
      expect(next.position).toEqual(end)
    },
  )

  it('validate by document, the same each time, and as a harvest of the same would', async () => {
    const rows = await liveRows()
    const passes: Float32Array[][] = []
    for (let pass = 0; pass < 2; pass++) {
      const { batches, ledger } = rows.validation(64)!
      const all: Float32Array[] = []
      for await (const { activations } of batches()) all.push(activations)
      expect(Object.keys(ledger)).toContain('64')
      passes.push(all)
    }
    expect(passes[0]).toEqual(passes[1])
    const count = passes[0]!.reduce((sum, { length }) => sum + length / D, 0)
    expect(count).toBe(Math.min(500, manifest.ledger.split.validation))
    // each row's token is that of the stored row which it is but for rounding
    const whole = new RowLoader(harvested, manifest, { split: 'validation', batch: 10_000 })
    const { value: stored } = (await whole.batches().next()) as { value: RowBatch }
    for await (const { count: part, activations, tokens } of rows.validation(40)!.batches()) {
      const nearest = Array.from({ length: part }, (_, row) => {
        const x = activations.subarray(row * D, (row + 1) * D)
        const distances = Array.from({ length: stored.count }, (_, other) =>
          x.reduce((sum, value, d) => sum + (value - stored.activations[other * D + d]!) ** 2, 0),
        )
        return distances.indexOf(Math.min(...distances))
      })
      expect([...tokens]).toEqual(nearest.map((row) => stored.tokens[row]))
    }
    const none = await liveRows(await liveInput({ validationShare: 0 }))
    expect(none.validation(64)).toBeNull()
  })

  it('stop between two runs of the model when they are asked to, and say when there are none', async () => {
    let asked = false
    const rows = await liveRows(undefined, () => asked)
    await rows.open(firstPosition)
    asked = true
    await expect(rows.next(3_000, 1)).rejects.toThrow(AskedToStop)
    const barren = await corpusFolder({ 'a.jsonl': jsonLines([{ text: 'x' }]) })
    const input = await liveInput({ corpus: join(barren, 'a.jsonl'), validationShare: 0.9 })
    const nothing = await liveRows(input)
    await expect(nothing.open(firstPosition)).rejects.toMatchObject({ code: 'sae/no-rows' })
  })
})

describe('training live', () => {
  const training = trainConfigSchema.parse({
    ...{ ...trainingDefaults, live: true, model: 'demo', corpus: 'c', layer: 1 },
    ...{ tokens: 64 * 60, validateEvery: 20, checkpointMinutes: 1e-6 },
  })
  const order = (folder: string, live: LiveInput): TrainingOrder => ({
    ...{ folder, config: training, input: { live }, device, memory: null },
  })

  /** Asked to stop once it has looked so often whether it should, or has done so many steps. */
  async function live(folder: string, input: LiveInput, { looks = Infinity, steps = Infinity } = {}) {
    let [looked, done] = [0, 0]
    const asked = () => looked > looks || done >= steps
    const { members } = await train(order(folder, input), {
      ...{ onProgress: (now: number) => (done = now), onPlan: () => undefined },
      get stopping() {
        looked++
        return asked()
      },
      checkpoint: () => (asked() ? Promise.reject(new StoppedHere()) : Promise.resolve()),
    })
    return members[0]!
  }

  it('that was stopped and killed anywhere is bit for bit the one that was not, and stores no activations', async () => {
    const root = await temporaryFolder()
    const whole = await live(join(root, 'whole'), await liveInput({ tokens: 6_000 }))
    expect(whole.validation!.fvu).toBeLessThan(0.9)
    const input = await liveInput({ tokens: 6_000 })
    const folder = join(root, 'again')
    // while it measures, and later, with the next pool under way
    await expect(live(folder, input, { looks: 2 })).rejects.toThrow(StoppedHere)
    for (const [runs, wait] of [
      [1, 0],
      [2, 25],
    ] as const) {
      expect(await killedTraining(order(folder, input), runs, wait)).toEqual([null, 'SIGKILL'])
    }
    await expect(live(folder, input, { steps: 45 })).rejects.toThrow(StoppedHere)
    const again = await live(folder, input)
    expect(digest(again)).toBe(digest(whole))
    expect(again.batches).toEqual(whole.batches)
    expect(metricsOf(again.folder)).toEqual(metricsOf(whole.folder))
    const files = [...(await readdir(root, { recursive: true })), ...(await readdir(input.folder))]
    expect(files.filter((name) => name.endsWith('.arrow'))).toEqual([])
  }, 60_000)

  it.each([
    [{}, 'It is not said on which rows to train.'],
    [{ live: true, model: 'm' }, 'Live training needs a model, a corpus and a layer.'],
    [{ live: true, harvest: 'h', model: 'm', corpus: 'c', layer: 1 }, /or from the harvest h, not from both/],
  ])('of %j is refused', (given, message) => {
    expect(() => trainingInput(trainConfigSchema.parse(given))).toThrow(message)
  })
})
