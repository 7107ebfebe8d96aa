// One harvest, or the bare runs of the model on the batches of one, in a process of its own; prints what it took as JSON.
import { join } from 'node:path'
import { harvest } from '../src/main/activations/harvest.ts'
import { readHarvest } from '../src/main/activations/harvest-folder.ts'
import { peakRss } from '../src/main/compute/peak-rss.ts'
import type { HarvestTimes } from '../src/main/activations/harvest-times.ts'
import { ShardReader } from '../src/main/activations/shard-reader.ts'
import { type Batch, batchOf } from '../src/main/llama/batch.ts'
import type { Checkpoint } from '../src/main/llama/checkpoint.ts'
import { Harvester } from '../src/main/llama/harvester.ts'
import { hookOf } from '../src/main/llama/hook.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { harvestConfigSchema } from '../src/shared/harvest.ts'
import { device } from './llama.ts'

/** What the process is told to do, as JSON. */
export interface HarvestRun {
  readonly work: 'harvest' | 'bare'
  /** Of the checkpoint, and of the harvest that is made or whose batches are run. */
  readonly model: string
  readonly folder: string
  readonly corpus: string
  readonly layer: number
  readonly tokens: number
}

export interface HarvestRunResult {
  readonly tokens: number
  readonly seconds: number
  /** Of the processor, all threads together. */
  readonly processor: number
  /** Bytes that were resident at most. */
  readonly peak: number
  readonly times: HarvestTimes | null
}

const run = JSON.parse(process.argv[2]!) as HarvestRun
const checkpoint = await openCheckpoint(run.model)
const result = run.work === 'harvest' ? await harvesting(checkpoint, run) : await bare(checkpoint, run)
const peak = peakRss()
console.log(JSON.stringify({ ...result, peak } satisfies HarvestRunResult))

async function harvesting(
  checkpoint: Checkpoint,
  { folder, corpus, layer, tokens }: HarvestRun,
): Promise<Omit<HarvestRunResult, 'peak'>> {
  const config = harvestConfigSchema.parse({
    ...{ model: 'bench', corpus, layer, tokens, stratumField: 'meta.pile_set_name' },
  })
  let times: HarvestTimes | null = null
  const taken = clock()
  const { ledger } = await harvest(
    { folder, config, model: { name: 'bench', hash: 'bench', checkpoint }, device, hub: null },
    {
      onProgress: () => undefined,
      checkpoint: () => Promise.resolve(),
      onTimes: (found) => (times = found),
    },
  )
  return { tokens: ledger.tokens, ...taken(), times }
}

/** Begins now; what it gives tells what was taken since. */
function clock(): () => Pick<HarvestRunResult, 'seconds' | 'processor'> {
  const [start, before] = [performance.now(), process.cpuUsage()]
  return () => {
    const { user, system } = process.cpuUsage(before)
    return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 }
  }
}

/** The model and nothing else: batches are made before the clock starts. */
async function bare(
  checkpoint: Checkpoint,
  { folder, layer }: HarvestRun,
): Promise<Omit<HarvestRunResult, 'peak'>> {
  const batches = await batchesIn(folder)
  const positions = Math.max(...batches.map((batch) => batch.tokens))
  const taken = clock()
  const hook = hookOf(`blocks.${layer}.hook_resid_post`, checkpoint.config)
  const harvester = await Harvester.open(checkpoint, { device, hook, positions })
  for (const batch of batches) await harvester.run(batch)
  await harvester.close()
  const time = taken()
  const tokens = batches.reduce((sum, { lengths }) => sum + lengths.reduce((a, b) => a + b, 0), 0)
  return { tokens, ...time, times: null }
}

/** A harvest writes each batch of contexts as a record batch. */
async function batchesIn(folder: string): Promise<Batch[]> {
  const batches: Batch[] = []
  for (const { name } of (await readHarvest(folder)).shards) {
    const shard = await ShardReader.open(join(folder, name))
    for await (const { context, token } of shard.batches()) {
      const rows: number[][] = []
      for (const [row, id] of token.entries()) {
        if (row === 0 || context[row] !== context[row - 1]) rows.push([])
        rows.at(-1)!.push(id)
      }
      batches.push(batchOf(rows))
    }
    await shard.close()
  }
  return batches
}
