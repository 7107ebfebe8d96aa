// The job that trains an SAE on a harvest.
import { freemem } from 'node:os'
import { basename, join } from 'node:path'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { variantOptions } from '../../shared/sae.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { folded } from '../sae/fold.ts'
import type { Plan } from '../sae/plan.ts'
import { writeRun } from '../sae/run-facts.ts'
import { train } from '../sae/train.ts'
import { writeSae } from '../sae/write-sae.ts'
import { folderBytes } from '../store/folder.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './runner.ts'

export async function trainSae(config: JobParams<'train'>, context: JobContext): Promise<JobResult<'train'>> {
  const device = chosenDevice(context)
  const source = await resolveHarvest(context.workspace.harvests, config.harvest)
  const manifest = await readHarvest(source)
  // the SAE of a job has the job's id, so that another attempt finds it
  const id = basename(context.folder)
  const folder = join(context.workspace.saes, id)
  const trained = await train(
    {
      ...{ folder, config, device, harvest: { folder: source, manifest } },
      memory: device.provider === 'cpu' ? freemem() : null,
    },
    {
      onProgress: (steps, of) => context.progress.working('Training', 'steps', steps, of),
      onPlan: (plan) => context.log('info', planText(plan)),
      get stopping() {
        return context.stopping
      },
      checkpoint: () => context.checkpoint(),
    },
  )
  const { D, F } = { D: manifest.model.width, F: config.width }
  const { validation, batches, scale, steps } = trained
  const sae = folded({
    ...{ variant: config.variant, D, F, options: variantOptions(config, D), state: trained.state, scale },
    metadata: {
      model_name: manifest.model.name,
      hook_name: manifest.model.hook,
      context_size: manifest.config.contextLength,
      prepend_bos: true,
      dataset_path: manifest.config.corpus,
      exclude_special_tokens: true,
    },
  })
  await writeRun(folder, {
    ...{ kind: 'sae', format: 1, config, scale, steps, batches },
    model: manifest.model,
    harvest: { path: source, tokens: manifest.ledger.tokens },
    validation,
  })
  await writeSae(folder, sae, validation?.density ?? null)
  const bytes = await folderBytes(folder)
  context.artifact({ kind: 'sae', path: folder, bytes })
  return {
    ...{ id, path: folder, steps, bytes },
    fvu: validation?.fvu ?? null,
    l0: validation?.l0 ?? null,
    deadShare: validation?.dead ?? null,
    tokensPerSecond: trained.rowsPerSecond,
    waitingShare: trained.waiting,
  }
}

function planText({ batch, moments, bytes, memory }: Plan): string {
  const room = memory === null ? '' : ` of ${formatBytes(memory)} that are free`
  return (
    `Steps of ${formatCount(batch)} rows, moments in ${moments}; about ${formatBytes(bytes.total)}${room} at the peak: ` +
    `${formatBytes(bytes.states)} for the state, ${formatBytes(bytes.gradients)} for gradients, ` +
    `${formatBytes(bytes.activations)} for what a step computes.`
  )
}
