// What a training takes on a device: what its job plans with, and what can be asked before it starts.
// Letters: D width of the model.
import type { UsableDevice } from '../../shared/devices.ts'
import { type TrainConfig, variantOptions } from '../../shared/sae.ts'
import { membersOf } from '../../shared/sweep.ts'
import type { PlanRequest } from './plan.ts'
import { variants } from './variants/index.ts'

/** Of a GPU's memory; the rest is left to driver, display and the kernels' own buffers. Assumed, not measured. */
const GPU_SHARE = 0.9

/** Throws `sae/options`. */
export function planRequest(
  config: TrainConfig,
  D: number,
  { provider, name, gflops }: Pick<UsableDevice, 'provider' | 'name' | 'gflops'>,
  memory: number | null,
): PlanRequest {
  const { variant: id, width: F, batch, moments } = config
  const variant = variants[id]
  const members = membersOf(config).map((member) => variantOptions(member.config, D))
  // what a sweep turns changes no shape
  const parameters = Object.values(variant.parameters({ D, F }, members[0]!))
  return {
    ...{ provider, device: name, memory, gflops, D, F, batch, moments, members: members.length },
    ...{ products: variant.products, parameters: parameters.map(({ shape }) => shape) },
  }
}

/** Bytes a training may use there: what this process could still get, or most of a GPU's own; null when nothing tells. */
export function roomOn({ provider, memory }: Pick<UsableDevice, 'provider' | 'memory'>): number | null {
  if (provider === 'cpu') return process.availableMemory()
  return memory === null ? null : GPU_SHARE * memory
}
