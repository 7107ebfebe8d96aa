// What a harvest would need on this machine: by the functions its job asks, and by how fast earlier ones were.
import type { DevicesState } from '../../shared/devices.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { HarvestCost } from '../../shared/harvests.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { harvestConfigSchema } from '../../shared/harvest.ts'
import { jobKinds } from '../../shared/jobs/kinds.ts'
import { workMemory } from '../../shared/model-memory.ts'
import { laneCount } from '../activations/lanes.ts'
import { harvestMemory, hookFor, operationsPerToken } from '../activations/harvest-cost.ts'
import { harvestSize } from '../activations/harvest-size.ts'
import { memoryLimit } from '../compute/memory-limit.ts'
import type { LlamaConfig } from '../llama/config.ts'

export interface EstimateInput {
  readonly config: HarvestConfig
  /** The sizes of the model that `config` names. */
  readonly model: LlamaConfig
  readonly devices: DevicesState
  /** Jobs that may have measured, the newest first. */
  readonly jobs: readonly Job[]
  readonly freeBytes: number | null
}

/** What a batch of a real model reaches of the device's speed in products of 512 × 512 matrices. */
const SHARE_OF_SPEED = 0.5

/** Throws `hook/unknown`, `harvest/context`. */
export function estimateHarvest({ config, model, devices, jobs, freeBytes }: EstimateInput): HarvestCost {
  hookFor(config, model)
  const place = workMemory(devices, memoryLimit())
  const precision = place.precision === 'float16' ? 'float16' : 'float32'
  const { kept, merging, logs } = harvestSize(config, model.width)
  const speed = measured(config, jobs) ?? calculated(config, model, devices)
  return {
    disk: { bytes: kept, meanwhile: kept + merging + logs, freeBytes },
    memory: {
      bytes: harvestMemory(
        config,
        model,
        precision,
        laneCount(model, { ...config, device: place, precision }),
      ),
      ...{ limit: place.memory, device: place.name },
    },
    time: speed && { seconds: config.tokens / speed.tokensPerSecond, ...speed },
  }
}

type Speed = Pick<NonNullable<HarvestCost['time']>, 'tokensPerSecond' | 'basis'>

/** From the newest harvest of the same model that was long enough to tell, scaled by the blocks that run. */
function measured({ model, layer }: HarvestConfig, jobs: readonly Job[]): Speed | null {
  for (const job of jobs) {
    if (job.kind !== 'harvest' || job.state !== 'done') continue
    const params = harvestConfigSchema.safeParse(job.params).data
    const result = jobKinds.harvest.result.safeParse(job.result).data
    if (params?.model !== model || !result || result.tokensPerSecond <= 0) continue
    const blocks = params.layer + 1
    const scaled = blocks === layer + 1 ? '' : `, scaled to ${layer + 1}`
    return {
      tokensPerSecond: (result.tokensPerSecond * blocks) / (layer + 1),
      basis: `Measured: the harvest ${job.id} of this model ran through ${blocks} blocks${scaled}.`,
    }
  }
  return null
}

function calculated(
  config: HarvestConfig,
  model: LlamaConfig,
  { devices, chosen }: DevicesState,
): Speed | null {
  const gflops = devices.find(({ id }) => id === chosen)?.numerics?.gflops
  if (!gflops) return null
  return {
    tokensPerSecond: (gflops * 1e9 * SHARE_OF_SPEED) / operationsPerToken(config, model),
    basis: `Not measured yet: supposed that the model reaches half of the device's ${Math.round(gflops).toLocaleString('en-US')} GFLOP/s.`,
  }
}
