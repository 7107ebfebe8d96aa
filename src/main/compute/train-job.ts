// The job that trains an SAE on a harvest.
import { basename, join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { type TrainConfig, variantOptions } from '../../shared/sae.ts'
import { findingText, findingTitles } from '../../shared/sae-findings.ts'
import { formatBytes, formatCount, formatNumber, formatPercent } from '../../shared/units.ts'
import { trainingInput } from '../../shared/training-input.ts'
import { hookFor } from '../activations/harvest-cost.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { tokenizerIn } from '../activations/spelling.ts'
import { hashCheckpoint, resolveModel } from '../llama/library/library.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { type CheckupNews, lastCheckup } from '../sae/doctor/checkup.ts'
import { folded } from '../sae/fold.ts'
import { VocabularyMarks } from '../sae/marks.ts'
import type { Plan } from '../sae/training-plan.ts'
import { type RunFacts, writeRun } from '../sae/run-facts.ts'
import { type Trained, type TrainedMember, type TrainingOrder, train } from '../sae/train.ts'
import { roomOn } from '../sae/training-cost.ts'
import { writeSae } from '../sae/write-sae.ts'
import { folderBytes } from '../store/folder.ts'
import { chosenDevice } from './device.ts'
import type { JobContext } from './job-runner.ts'

export async function trainSae(config: JobParams<'train'>, context: JobContext): Promise<JobResult<'train'>> {
  const device = chosenDevice(context)
  const origin = await originOf(config, context)
  // the SAE of a job has the job's id, so that another attempt finds it
  const id = basename(context.folder)
  const folder = join(context.workspace.saes, id)
  const marks = await marksOf(context.workspace.models, origin.text.model)
  if (!marks) {
    context.log('info', 'The model is not here: how much falls on punctuation is not looked at.')
  }
  const trained = await train(
    {
      ...{ folder, config, device, input: origin.input },
      memory: roomOn(device),
      marks,
    },
    {
      onProgress: (steps, of) => context.progress.working('Training', 'steps', steps, of),
      onPlan: (plan) => context.log('info', planText(plan, device)),
      onCheckup: (news, name) => tellCheckup(news, name, context),
      get stopping() {
        return context.stopping
      },
      checkpoint: () => context.checkpoint(),
    },
  )
  const { members, steps, rowsPerSecond, waiting } = trained
  const finished: Finished[] = []
  for (const member of members) {
    finished.push(await finish(member, trained, { id, config, origin }))
    context.artifact({ kind: 'sae', path: member.folder, bytes: finished.at(-1)!.bytes })
  }
  const bytes = finished.reduce((sum, one) => sum + one.bytes, 0)
  const result = { id, steps, bytes, tokensPerSecond: rowsPerSecond, waitingShare: waiting }
  if (config.sweep === undefined) return { ...result, ...finished[0]! }
  return {
    ...{ ...result, ...figuresOf(null), path: context.workspace.saes },
    members: finished.map(({ bytes: _, ...member }) => member),
  }
}

/** Where rows come from, and what is written of that. */
interface Origin extends Pick<RunFacts, 'model' | 'harvest'> {
  readonly input: TrainingOrder['input']
  readonly text: Pick<HarvestConfig, 'model' | 'corpus' | 'contextLength'>
}

async function originOf(config: TrainConfig, { workspace, folder, hub }: JobContext): Promise<Origin> {
  const wanted = trainingInput(config)
  if (wanted.kind === 'harvest') {
    const path = await resolveHarvest(workspace.harvests, wanted.harvest)
    const manifest = await readHarvest(path)
    const { model, ledger, config: text } = manifest
    return {
      input: { harvest: { folder: path, manifest } },
      model,
      text,
      harvest: { path, tokens: ledger.tokens },
    }
  }
  const text = wanted.config
  const { name, hash, folder: place } = await resolveModel(workspace.models, text.model)
  const checkpoint = await openCheckpoint(place)
  const hook = hookFor(text, checkpoint.config)
  const model = { name, hash: hash ?? (await hashCheckpoint(place)), hook, width: checkpoint.config.width }
  return { input: { live: { config: text, checkpoint, hub, folder } }, model, text, harvest: null }
}

type Finished = NonNullable<JobResult<'train'>['members']>[number] & { readonly bytes: number }

/** Writes what a member of a training has become. */
async function finish(
  { folder, config, name, state, batches, validation }: TrainedMember,
  { scale, steps, waiting }: Trained,
  job: { id: string; config: TrainConfig; origin: Origin },
): Promise<Finished> {
  const { model, harvest, text } = job.origin
  const { width: D } = model
  const sae = folded({
    ...{ variant: config.variant, D, F: config.width, options: variantOptions(config, D), state, scale },
    metadata: {
      model_name: model.name,
      hook_name: model.hook,
      context_size: text.contextLength,
      prepend_bos: true,
      dataset_path: text.corpus,
      exclude_special_tokens: true,
    },
  })
  await writeRun(folder, {
    ...{ kind: 'sae', format: 1, config, scale, steps, waiting, batches, model, validation },
    ...(name !== null && { sweep: { job: job.id, of: job.config.sweep!, name } }),
    harvest,
  })
  await writeSae(folder, sae, validation?.density ?? null)
  const { findings } = await lastCheckup(folder)
  return {
    ...{ id: basename(folder), path: folder, name, ...figuresOf(validation), findings },
    bytes: await folderBytes(folder),
  }
}

function figuresOf(validation: TrainedMember['validation']) {
  if (!validation) {
    return { fvu: null, l0: null, deadShare: null, explainedVariance: null, cosine: null, shrinkage: null }
  }
  const { fvu, l0, dead, cosine, shrinkage } = validation
  return { fvu, l0, deadShare: dead, explainedVariance: 1 - fvu, cosine, shrinkage }
}

/** The marks of the model whose rows are trained on; undefined where its tokenizer is not to be found. */
async function marksOf(models: string, model: string): Promise<VocabularyMarks | undefined> {
  const folder = await resolveModel(models, model).then(
    (found) => found.folder,
    () => null,
  )
  const tokenizer = await tokenizerIn(folder)
  return tokenizer ? new VocabularyMarks(tokenizer) : undefined
}

/** What is new is told once; that it lasts is seen on the page. `name` is the SAE's in a sweep. */
function tellCheckup({ step, appeared, gone }: CheckupNews, name: string | null, context: JobContext): void {
  const of = name === null ? '' : `With ${name}: `
  for (const finding of appeared) context.log('warn', `${of}${findingText(finding)}`)
  for (const id of gone) context.log('info', `${of}No longer so at step ${step}: ${findingTitles[id]}.`)
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
        `${formatNumber(gflops ?? 0)} GFLOP/s; ${formatPercent(transferShare)} of the time moves the state.`
  const beside = bytes.beside === 0 ? '' : `, ${formatBytes(bytes.beside)} for the model that makes the rows`
  return (
    `Steps of ${formatCount(batch)} rows, moments in ${moments}; about ${formatBytes(bytes.total)}${room} at the peak: ` +
    `${formatBytes(bytes.states)} for the state, ${formatBytes(bytes.gradients)} for gradients, ` +
    `${formatBytes(bytes.activations)} for what a step computes${beside}. ${moving}`
  )
}
