// What a training would take on this machine: the plan its job makes, and how fast earlier ones were.
// Letters: D width of the model.
import type { UsableDevice } from '../../shared/devices.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { jobKinds } from '../../shared/jobs/kinds.ts'
import { type TrainConfig, trainConfigSchema } from '../../shared/sae.ts'
import type { TrainingPlan } from '../../shared/saes.ts'
import { formatNumber } from '../../shared/units.ts'
import { judgeTraining, type Plan } from '../sae/training-plan.ts'
import { planRequest, roomOn } from '../sae/training-cost.ts'

export interface TrainingEstimateInput {
  readonly config: TrainConfig
  readonly D: number
  /** Bytes of a model that makes the rows; 0 for those of a harvest. */
  readonly beside: number
  readonly device: UsableDevice
  /** Jobs that may have measured, the newest first. */
  readonly jobs: readonly Job[]
}

/** Throws `sae/options`. */
export function estimateTraining({ config, D, beside, device, jobs }: TrainingEstimateInput): TrainingPlan {
  const { plan, refusal } = judgeTraining(planRequest(config, D, device, roomOn(device), beside))
  const { batch, stepsPerRun, moments, members, bytes, memory, transferShare } = plan
  const steps = Math.ceil(config.tokens / config.batch)
  return {
    device: { name: device.name, provider: device.provider },
    ...{ memory, steps, batch, stepsPerRun, moments, members, bytes, transferShare },
    time: measured(config, members, jobs) ?? (config.live ? null : calculated(steps, plan, device)),
    refusal: refusal && {
      ...{ code: refusal.error.code, message: refusal.error.message, hint: refusal.error.hint ?? '' },
      widest: refusal.widest,
    },
  }
}

/** From the newest training of this variant on the same rows, scaled by the width. */
function measured(
  { harvest, model, layer, variant, width, tokens }: TrainConfig,
  members: number,
  jobs: readonly Job[],
): TrainingPlan['time'] {
  for (const job of jobs) {
    if (job.kind !== 'train' || job.state !== 'done') continue
    const params = trainConfigSchema.safeParse(job.params).data
    const result = jobKinds.train.result.safeParse(job.result).data
    if (params?.variant !== variant) continue
    if (params.harvest !== harvest || params.model !== model || params.layer !== layer) continue
    if (!result || result.tokensPerSecond <= 0) continue
    // rows a second are those that all of its members got
    const share = (members * width) / ((result.members?.length ?? 1) * params.width)
    const scaled = params.width === width ? '' : `, with ${params.width} features, scaled to ${width}`
    return {
      seconds: (tokens / result.tokensPerSecond) * share,
      basis: `Measured: the training ${job.id} of this variant on the same rows${scaled}.`,
    }
  }
  return null
}

function calculated(
  steps: number,
  { secondsPerStep, transferShare }: Plan,
  { gflops }: UsableDevice,
): TrainingPlan['time'] {
  if (secondsPerStep === null || transferShare === null || gflops === null) return null
  return {
    seconds: (steps * secondsPerStep) / (1 - transferShare),
    basis:
      `Not measured yet: its matrix products alone at the device's ${formatNumber(gflops)} GFLOP/s, ` +
      'so it takes longer than that.',
  }
}
