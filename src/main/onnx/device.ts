// How a device is asked for: the provider options of onnxruntime, and what a process that uses it needs around it.
import type { InferenceSession } from 'onnxruntime-node'
import type { Device } from '../../shared/devices.ts'

/** Always there; what every other device is compared with. */
export const cpu: Device = { id: 'cpu', provider: 'cpu', name: 'CPU' }

/** The device of that id; throws when there can be none. */
export function executionProvider({ id, provider }: Device): InferenceSession.ExecutionProviderConfig {
  // from Node, CUDA takes the number of the GPU and nothing else
  if (provider === 'cuda') return { name: 'cuda', deviceId: Number(id.split(':')[1] ?? 0) }
  return provider
}

/**
 * Environment of a process whose float32 products on CUDA must be exact: TF32, which keeps ten bits of them, is on by
 * default, and no session option turns it off.
 */
export const exactProducts = { NVIDIA_TF32_OVERRIDE: '0' }
