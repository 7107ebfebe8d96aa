// What a training takes on a device: what its job plans with, and what can be asked before it starts.
// Letters: D width of the model.
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import { type TrainConfig, variantOptions } from '../../shared/sae.ts'
import { membersOf } from '../../shared/sae-sweep.ts'
import { harvestMemory } from '../activations/harvest-cost.ts'
import { refillRows } from '../activations/live-reader.ts'
import type { LlamaConfig } from '../llama/config.ts'
import { precisionOn } from '../llama/precision.ts'
import type { PlanRequest } from './training-plan.ts'
import { variants } from './variants/index.ts'

/** Of a GPU's memory; the rest is left to driver, display and the kernels' own buffers. Assumed, not measured. */
const GPU_SHARE = 0.9

/** Throws `sae/options`. */
export function planRequest(
  config: TrainConfig,
  D: number,
  { provider, name, gflops }: Pick<UsableDevice, 'provider' | 'name' | 'gflops'>,
  memory: number | null,
  /** Bytes that are held beside the SAEs. */
  beside = 0,
): PlanRequest {
  const { variant: id, width: F, batch, moments } = config
  const variant = variants[id]
  const members = membersOf(config).map((member) => variantOptions(member.config, D))
  // what a sweep turns changes no shape
  const parameters = Object.values(variant.parameters({ D, F }, members[0]!))
  return {
    ...{ provider, device: name, memory, gflops, D, F, batch, moments, members: members.length, beside },
    ...{ products: variant.products, wide: variant.wide, parameters: parameters.map(({ shape }) => shape) },
  }
}

/** Bytes a training may use there: what this process could still get, or most of a GPU's own; null when nothing tells. */
export function roomOn({ provider, memory }: Pick<UsableDevice, 'provider' | 'memory'>): number | null {
  if (provider === 'cpu') return process.availableMemory()
  return memory === null ? null : GPU_SHARE * memory
}

/** Bytes, where the SAE is trained, of a model that makes the rows; on the CPU with the pool they are mixed in. */
export function liveMemory(config: HarvestConfig, model: LlamaConfig, device: UsableDevice): number {
  const weights = harvestMemory(config, model, precisionOn(device))
  if (device.provider !== 'cpu') return weights
  return weights + POOLS * refillRows(model.width) * model.width * 4
}

/** The pool in use, what waits, what comes, their mixture, and the rows that validate. */
const POOLS = 5
