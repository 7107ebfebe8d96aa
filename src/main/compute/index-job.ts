// The job that indexes the features of an SAE.
import { basename, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { buildIndex, placeIndex } from '../features/build-index.ts'
import { type IndexOrder, indexSteps } from '../features/index-order.ts'
import { indexesOf, workFolder } from '../features/index-folder.ts'
import { indexMemory, indexSize, likelyL0 } from '../features/index-size.ts'
import { hashCheckpoint, resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { Tokenizer } from '../llama/tokenizer.ts'
import { assertBelongs } from '../sae/belongs.ts'
import { openSaeFolder } from '../sae/exchange/read-sae.ts'
import { readRun, type RunFacts } from '../sae/run-facts.ts'
import type { SaeForm } from '../sae/sae.ts'
import { hashSae } from '../sae/sae-hash.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { needSpace } from '../store/free-space.ts'
import { folderBytes } from '../store/folder.ts'
import { chosenDevice } from './device.ts'
import { memoryLimit } from './memory-limit.ts'
import type { JobContext } from './job-runner.ts'

export async function indexFeatures(
  params: JobParams<'index'>,
  context: JobContext,
): Promise<JobResult<'index'>> {
  const device = chosenDevice(context)
  const { workspace, progress } = context
  const folder = await resolveArtifact(workspace.saes, params.sae, 'sae')
  const sae = await openSaeFolder(folder)
  const run = await readRun(folder)
  const source = await resolveHarvest(workspace.harvests, harvestOf(params, run))
  const manifest = await readHarvest(source)
  const { model, noModel, hash } = await modelOf(params, manifest, context)
  assertBelongs(sae, run, { ...manifest.model, modelHash: hash }, params.anyName)
  const id = basename(source)
  const { rows } = manifest.ledger
  const share = Math.min(1, params.maxRows / rows)
  const l0 = likelyL0(sae, run?.validation?.l0)
  const work = workFolder(folder, id)
  needMemory(sae)
  const { kept, meanwhile } = indexSize({ rows: rows * share, l0, F: sae.F })
  // what an earlier attempt wrote, or reserved when it was killed, is not free and need not be
  await needSpace(folder, Math.max(0, kept + meanwhile - (await folderBytes(work))))
  context.log(
    'info',
    `It takes up to ${formatBytes(kept)} of disk, and ${formatBytes(meanwhile)} more until it is done.`,
  )
  if (noModel !== null) context.log('warn', noModel)
  if (share < 1) {
    context.log(
      'info',
      `Of ${formatCount(rows)} rows, contexts with about ${formatCount(params.maxRows)} are drawn evenly.`,
    )
  }
  const order: IndexOrder = {
    ...{ folder: work, sae, saeId: basename(folder), saeHash: await hashSae(folder) },
    ...{ harvest: { id, folder: source, manifest }, share, l0, model, noModel, device },
  }
  const built = await buildIndex(order, {
    onProgress: (step, done, total) => progress.working(step, indexSteps[step], done, total),
    checkpoint: () => context.checkpoint(),
  })
  const path = join(indexesOf(folder), id)
  await placeIndex(work, path)
  const bytes = await folderBytes(path)
  context.artifact({ kind: 'feature index', path, bytes })
  return {
    ...{ sae: basename(folder), harvest: id, path, features: sae.F, alive: built.alive },
    ...{ rows: built.rows, contexts: built.contexts, codes: built.codes, bytes },
  }
}

function harvestOf({ harvest }: JobParams<'index'>, run: RunFacts | null): string {
  const found = harvest ?? run?.harvest?.path
  if (found !== undefined) return found
  throw expected(
    'features/no-harvest',
    'This SAE was not trained on a harvest, so it must be said which rows are indexed.',
    'Name a harvest with --harvest.',
  )
}

/** The model of the harvest where it is here, the same by its hash; else why there is none. */
async function modelOf(
  params: JobParams<'index'>,
  { model, config }: IndexOrder['harvest']['manifest'],
  { workspace }: JobContext,
): Promise<Pick<IndexOrder, 'model' | 'noModel'> & { readonly hash: string }> {
  const resolved = await resolveModel(workspace.models, params.model ?? config.model).catch(
    (error: unknown) => {
      // what was named must be there
      if (params.model !== undefined) throw error
      return null
    },
  )
  const without = 'so there are no logit effects, spellings of tokens or flags that need them'
  if (!resolved) {
    return { model: null, noModel: `The model ${model.name} is not here, ${without}.`, hash: model.hash }
  }
  const hash = resolved.hash ?? (await hashCheckpoint(resolved.folder))
  if (hash !== model.hash && params.model === undefined) {
    const noModel = `${resolved.name} is not the model of this harvest any more, ${without}.`
    return { model: null, noModel, hash: model.hash }
  }
  const [checkpoint, tokenizer] = await Promise.all([
    openCheckpoint(resolved.folder),
    Tokenizer.open(resolved.folder),
  ])
  return { model: { checkpoint, tokenizer }, noModel: null, hash }
}

function needMemory(sae: SaeForm): void {
  const [bytes, limit] = [indexMemory(sae), memoryLimit()]
  if (bytes <= limit) return
  throw expected(
    'features/memory',
    `The index needs about ${formatBytes(bytes)} of memory, and this machine has ${formatBytes(limit)}.`,
    'Index it on a machine with more memory.',
  )
}
