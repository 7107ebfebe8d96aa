// The job that makes a harvest.
import { basename, join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { UsableDevice } from '../../shared/devices.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import type { HarvestSketch } from '../../shared/harvests.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { formatBytes } from '../../shared/units.ts'
import { harvest } from '../activations/harvest.ts'
import { harvestMemory } from '../activations/harvest-cost.ts'
import { laneCount } from '../activations/lanes.ts'
import { harvestSize } from '../activations/harvest-size.ts'
import { hashCheckpoint, resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { precisionOn } from '../llama/precision.ts'
import { needSpace } from '../store/free-space.ts'
import { folderBytes } from '../store/folder.ts'
import { chosenDevice } from './device.ts'
import { memoryLimit } from './memory-limit.ts'
import { type JobContext, Stopped } from './job-runner.ts'
import { peakRss } from './peak-rss.ts'

export async function harvestCorpus(
  config: JobParams<'harvest'>,
  context: JobContext,
): Promise<JobResult<'harvest'>> {
  const device = chosenDevice(context)
  const resolved = await resolveModel(context.workspace.models, config.model)
  const checkpoint = await openCheckpoint(resolved.folder)
  const hash = resolved.hash ?? (await hashCheckpoint(resolved.folder))
  // the harvest of a job has the job's id, so that another attempt finds it
  const id = basename(context.folder)
  const folder = join(context.workspace.harvests, id)
  const { kept, merging, logs } = harvestSize(config, checkpoint.config.width)
  const precision = precisionOn(device)
  const lanes = laneCount(checkpoint.config, { ...config, device, precision })
  needMemory(harvestMemory(config, checkpoint.config, precision, lanes), device)
  // what an earlier attempt wrote, or reserved when it was killed, is not free and need not be
  const done = await folderBytes(folder)
  await needSpace(context.workspace.harvests, Math.max(0, kept + merging + logs - done))
  let [first, last, begun] = [0, 0, 0]
  const work = {
    onProgress: (rows: number, wanted: number) => {
      if (begun === 0) [first, begun] = [rows, performance.now()]
      last = rows
      // samples of strata may pass what was asked for
      context.progress.working('Harvesting', 'tokens', Math.min(rows, wanted), wanted)
    },
    onSketch: (sketch: HarvestSketch) => context.show(sketch),
    checkpoint: () => context.checkpoint(),
  }
  try {
    const { ledger } = await harvest(
      { folder, config, model: { name: resolved.name, hash, checkpoint }, device, hub: context.hub },
      work,
    )
    context.progress.working('Harvesting', 'tokens', config.tokens, config.tokens)
    const { documents, contexts, tokens, split } = ledger
    const size = await folderBytes(folder)
    context.artifact({ kind: 'harvest', path: folder, bytes: size })
    const seconds = (performance.now() - begun) / 1000
    return {
      ...{ id, path: folder, tokens, contexts, documents: documents.used, bytes: size },
      tokensPerSecond: seconds > 0 ? (last - first) / seconds : 0,
      ...{ train: split.train, validation: split.validation },
      leftOut: split.special + split.sink + split.frequent,
      peakRssBytes: peakRss(),
    }
  } catch (error) {
    if (!(error instanceof MonoscopeError) || error.code !== 'disk/full') throw error
    context.log(
      'error',
      `${error.message} ${error.hint ?? ''} Resume the job then: what is complete is kept.`,
    )
    throw new Stopped('paused')
  }
}

/** Refuses what cannot fit into this machine; how much a GPU has, nobody tells this process. */
function needMemory(bytes: number, { provider }: UsableDevice): void {
  const limit = memoryLimit()
  if (provider !== 'cpu' || bytes <= limit) return
  throw expected(
    'harvest/memory',
    `The harvest needs about ${formatBytes(bytes)} of memory, and this machine has ${formatBytes(limit)}.`,
    'Choose a smaller batch, a shorter context, an earlier layer or a smaller model.',
  )
}
