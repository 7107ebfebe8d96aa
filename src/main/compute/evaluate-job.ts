// The job that measures an SAE: on held-out rows, and by what the model loses when its stream goes through it.
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { heldOutContexts } from '../activations/held-out-contexts.ts'
import { RowLoader } from '../activations/row-loader.ts'
import { hashCheckpoint, resolveModel } from '../llama/library/library.ts'
import { hookOf } from '../llama/hook.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { tensor } from '../onnx/tensor.ts'
import { assertBelongs } from '../sae/belongs.ts'
import { readSaeFolder } from '../sae/exchange/read-sae.ts'
import { EVALUATION } from '../sae/sae-folder.ts'
import { readRun } from '../sae/run-facts.ts'
import { tensorShapes } from '../sae/sae.ts'
import { Splicer } from '../sae/splice.ts'
import { densityHistogram, finishedDictionary, Validator } from '../sae/validation.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

export async function evaluateSae(
  params: JobParams<'evaluate'>,
  context: JobContext,
): Promise<JobResult<'evaluate'>> {
  const device = chosenDevice(context)
  const { workspace, progress } = context
  const folder = await resolveArtifact(workspace.saes, params.sae, 'sae')
  const { sae } = await readSaeFolder(folder)
  const run = await readRun(folder)
  const harvest = params.harvest ?? run?.harvest?.path
  if (harvest === undefined) {
    throw expected(
      'evaluate/no-harvest',
      'This SAE was not trained on a harvest, so it must be said on which rows it is measured.',
      'Name a harvest with --harvest.',
    )
  }
  const source = await resolveHarvest(workspace.harvests, harvest)
  const manifest = await readHarvest(source)
  const model = await resolveModel(workspace.models, params.model ?? manifest.config.model)
  const hash = model.hash ?? (await hashCheckpoint(model.folder))
  assertBelongs(sae, run, { ...manifest.model, modelHash: hash }, params.anyName)
  if (manifest.ledger.split.validation === 0) {
    throw expected(
      'evaluate/no-rows',
      'The harvest has no validation rows.',
      'Harvest with a validation share above 0.',
    )
  }

  const validator = new Validator(finishedDictionary(sae), device)
  const loader = new RowLoader(source, manifest, { split: 'validation', batch: params.batch })
  const tensors = Object.entries(tensorShapes(sae.architecture, sae)).map(
    ([name, shape]) => [name, tensor('float32', shape, sae.tensors[name]!)] as const,
  )
  const measured = await validator
    .measure(Object.fromEntries(tensors), counted(loader, manifest.ledger.split.validation, context))
    .finally(() => validator.close())

  const checkpoint = await openCheckpoint(model.folder)
  const hook = hookOf(manifest.model.hook, checkpoint.config)
  const splicer = await Splicer.open(checkpoint, sae, {
    device,
    hook,
    positions: manifest.config.contextLength,
  })
  const sums = { contexts: 0, places: 0, clean: 0, spliced: 0, ablated: 0, kl: 0 }
  try {
    for await (const { ids, counts } of heldOutContexts(source, manifest, params.contexts)) {
      const part = await splicer.run(ids, counts)
      sums.contexts++
      for (const name of ['places', 'clean', 'spliced', 'ablated', 'kl'] as const) sums[name] += part[name]
      progress.working('Splicing', 'contexts', sums.contexts, params.contexts)
      await context.checkpoint()
    }
  } finally {
    await splicer.close()
  }
  progress.working('Splicing', 'contexts', params.contexts, params.contexts)
  const [clean, spliced, ablated] = [sums.clean, sums.spliced, sums.ablated].map((sum) => sum / sums.places)
  const result = {
    ...{ rows: measured.rows, fvu: measured.fvu, explainedVariance: 1 - measured.fvu, l0: measured.l0 },
    ...{ deadShare: measured.dead, cosine: measured.cosine, shrinkage: measured.shrinkage },
    densities: densityHistogram(measured.density),
    batches: { ...loader.ledger },
    ...{ contexts: sums.contexts, ceClean: clean!, ceSpliced: spliced!, ceAblated: ablated! },
    ceRecovered: (ablated! - spliced!) / (ablated! - clean!),
    kl: sums.kl / sums.places,
  }
  await writeFileAtomic(
    join(folder, EVALUATION),
    `${JSON.stringify({ harvest: source, ...result }, undefined, 2)}\n`,
  )
  return result
}

async function* counted(loader: RowLoader, rows: number, context: JobContext) {
  let done = 0
  for await (const batch of loader.batches()) {
    yield batch
    done += batch.count
    context.progress.working('Reconstructing', 'rows', done, rows)
    await context.checkpoint()
  }
}
