// The job that trains an SAE on a harvest.
import { basename, join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { variantOptions } from '../../shared/sae.ts'
import { formatBytes, formatCount, formatGflops, formatPercent } from '../../shared/units.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { folded } from '../sae/fold.ts'
import type { Plan } from '../sae/plan.ts'
import { writeRun } from '../sae/run-facts.ts'
import { train } from '../sae/train.ts'
import { roomOn } from '../sae/training-cost.ts'
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
      memory: roomOn(device),
    },
    {
      onProgress: (steps, of) => context.progress.working('Training', 'steps', steps, of),
      onPlan: (plan) => context.log('info', planText(plan, device)),
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

function planText(
  { batch, stepsPerRun, moments, bytes, memory, secondsPerStep, transferShare }: Plan,
  { name, gflops }: UsableDevice,
): string {
  const room =
    memory === null ? `; nothing tells how much ${name} has` : ` of ${formatBytes(memory)} that may be used`
  const moving =
    secondsPerStep === null || transferShare === null
      ? `How fast ${name} is was not measured, so a step is timed first.`
      : `${stepsPerRun} steps a run, of about ${(secondsPerStep * 1000).toPrecision(2)} ms each at ` +
        `${formatGflops(gflops ?? 0)} GFLOP/s; ${formatPercent(transferShare)} of the time moves the state.`
  return (
    `Steps of ${formatCount(batch)} rows, moments in ${moments}; about ${formatBytes(bytes.total)}${room} at the peak: ` +
    `${formatBytes(bytes.states)} for the state, ${formatBytes(bytes.gradients)} for gradients, ` +
    `${formatBytes(bytes.activations)} for what a step computes. ${moving}`
  )
}
