// One batch size for training, validation and evaluation: each writes down the batches it was given, and they agree.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readHarvest } from '../../../src/main/activations/harvest-folder.ts'
import { ShardReader } from '../../../src/main/activations/shard-reader.ts'
import { ShardWriter } from '../../../src/main/activations/shard-writer.ts'
import { splits } from '../../../src/main/activations/split.ts'
import { evaluateSae } from '../../../src/main/compute/evaluate-job.ts'
import { ProgressMeter } from '../../../src/main/compute/meter.ts'
import type { JobContext } from '../../../src/main/compute/job-runner.ts'
import { trainSae } from '../../../src/main/compute/train-job.ts'
import { readRun } from '../../../src/main/sae/run-facts.ts'
import { openWorkspace, type Workspace } from '../../../src/main/store/workspace.ts'
import { type JobKindId, kindOf } from '../../../src/shared/jobs/kinds.ts'
import { cpuWith } from '../../helpers/llama.ts'
import { smallPlace } from '../../helpers/small-index.ts'

/** Rows that validate, and rows of a batch. */
const [ROWS, BATCH] = [1_000, 37]

let root: string
let workspace: Workspace

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  workspace = await openWorkspace(join(root, 'workspace'))
  const { harvest } = await smallPlace(workspace.path)
  await validateOn(harvest, ROWS)
}, 60_000)
afterAll(() => rm(root, { recursive: true, force: true }))

/** Says of so many rows that they validate, and of the others that count that they train. */
async function validateOn(folder: string, rows: number): Promise<void> {
  const manifest = await readHarvest(folder)
  let left = rows
  for (const { name } of manifest.shards) {
    const shard = await ShardReader.open(join(folder, name))
    const all = await shard.read(0, shard.rows)
    await shard.close()
    const writer = await ShardWriter.create(join(folder, name), shard.format)
    const split = all.split.map((is) => (is === 0 ? 0 : left-- > 0 ? splits.validation : splits.train))
    await writer.write({ ...all, split })
    await writer.commit()
  }
  const { ledger } = manifest
  const train = ledger.split.train + ledger.split.validation - rows
  const split = { ...ledger.split, train, validation: rows }
  await writeFile(
    join(folder, 'manifest.json'),
    JSON.stringify({ ...manifest, ledger: { ...ledger, split } }),
  )
}

function contextOf(kind: JobKindId, id: string, params: Record<string, unknown>): JobContext {
  return {
    ...{ folder: join(workspace.jobs, id), workspace, hub: null, devices: [cpuWith()], stopping: false },
    progress: new ProgressMeter(kindOf(kind).steps(params), () => undefined),
    checkpoint: () => Promise.resolve(),
    ...{ log: () => undefined, artifact: () => undefined, show: () => undefined },
    startDevice: () => Promise.resolve(null),
  }
}

test('a thousand rows at batch 37 are 27 batches of 37 and one of 1 in training, validation and evaluation alike', async () => {
  const config = kindOf('train').params.parse({
    // as many rows as validate are trained on
    ...{ harvest: 'small', width: 64, k: 4, batch: BATCH, tokens: ROWS, validateEvery: 1_000 },
  })
  const { id } = await trainSae(config as never, contextOf('train', 'sae', config))
  const run = await readRun(join(workspace.saes, id))
  expect(run!.batches.validation).toEqual({ 37: 27, 1: 1 })
  // a step has a whole batch: what is left of the rows is filled up with those that come next
  expect(run!.batches.train).toEqual({ 37: 28 })
  const params = kindOf('evaluate').params.parse({ sae: 'sae', batch: BATCH, contexts: 2 })
  const evaluation = await evaluateSae(params as never, contextOf('evaluate', 'measured', params))
  expect(evaluation).toMatchObject({ rows: ROWS, batches: { 37: 27, 1: 1 } })
  const written = await readFile(join(workspace.saes, id, 'evaluation.json'), 'utf8')
  expect(JSON.parse(written)).toMatchObject({ batches: { 37: 27, 1: 1 } })
})
