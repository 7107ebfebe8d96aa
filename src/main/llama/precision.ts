// What type and which way of attention a model is computed with on a device.
import type { Lowering, UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { LlamaConfig } from './config.ts'
import type { Precision } from './graph/weights.ts'

/** float16 on a GPU whose float16 agrees with the CPU, else float32. */
export function precisionOn({ provider, float16 }: UsableDevice): Precision {
  return provider !== 'cpu' && float16 ? 'float16' : 'float32'
}

/** The fastest way of attention that is right there; throws `device/attention` where none is. */
export function loweringOn(
  device: UsableDevice,
  precision: Precision,
  { headWidth }: Pick<LlamaConfig, 'headWidth'>,
): Lowering {
  const lowering = device.attention[precision]
  if (lowering === null) {
    throw expected(
      'device/attention',
      `No way of computing attention in ${precision} is right on ${device.name}.`,
      'Choose another device on the Device page.',
    )
  }
  // the kernel takes heads of a multiple of 16 only
  return headWidth % 16 === 0 ? lowering : 'spelled-out'
}

/** Whether rows of float16 and bfloat16 are looked up there in a graph of another type; GPUs leave that to the CPU. */
export function looksUpNarrowOn({ provider }: UsableDevice): boolean {
  return provider === 'cpu'
}

/** Throws `device/int4` where weights of few bits are not computed with. */
export function assertNarrowOn({ provider, name }: UsableDevice): void {
  if (provider === 'cpu') return
  throw expected(
    'device/int4',
    `Weights in int4 are computed with on the CPU only, and the device is ${name}.`,
    'Choose the CPU on the Device page, or leave the precision to the device.',
  )
}
