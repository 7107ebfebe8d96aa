// How much memory a LLaMA takes at each precision, and whether that fits a device; estimates, said as such.
import type { DevicesState, DeviceStatus } from './devices.ts'
import type { Architecture } from './models.ts'

export const precisions = ['float32', 'float16', 'int4'] as const
export type Precision = (typeof precisions)[number]

export interface MemoryNeed {
  readonly precision: Precision
  /** Bytes of the weights. */
  readonly weights: number
  /** Bytes of the keys and values of `ROWS` rows of `TOKENS` tokens. */
  readonly cache: number
  readonly total: number
}

/** What the estimate assumes: a baseline beside a steered row. */
export const ROWS = 2
export const TOKENS = 2048
/** Left to the runtime, the driver and what is computed in between. */
export const SHARE = 0.8

/** Bits a weight takes in blocks of 32: four, with a float32 scale and offset. */
const BLOCK_BITS = 4 + 64 / 32
/** Likewise in embedding and head: eight, with a scale. */
const WORD_BITS = 8 + 32 / 32

export type Fit = 'fits' | 'tight' | 'too large' | 'unknown'

/** Number of weights, a tied head counted once. */
export function parametersOf(architecture: SizedArchitecture): number {
  const { matrices, words, rest } = weightCounts(architecture)
  return matrices + words + rest
}

export type SizedArchitecture = Pick<
  Architecture,
  | 'width'
  | 'layers'
  | 'heads'
  | 'keyHeads'
  | 'headWidth'
  | 'mlpWidth'
  | 'vocabulary'
  | 'positions'
  | 'attentionBias'
  | 'mlpBias'
  | 'tiedHead'
>

/** At int4 the matrices of the blocks have four bits, embedding and head eight, and all else is float32. */
export function memoryNeed(architecture: SizedArchitecture, precision: Precision): MemoryNeed {
  const { matrices, words, rest } = weightCounts(architecture)
  const wide = precision === 'float16' ? 2 : 4
  const weights =
    precision === 'int4'
      ? (matrices * BLOCK_BITS + words * WORD_BITS) / 8 + rest * wide
      : (matrices + words + rest) * wide
  const { layers, keyHeads, headWidth, positions } = architecture
  const cache = ROWS * Math.min(TOKENS, positions) * 2 * layers * keyHeads * headWidth * wide
  return { precision, weights, cache, total: weights + cache }
}

/** float16 on a GPU that has it, float32 everywhere else. */
export function precisionOn({ provider, numerics }: Pick<DeviceStatus, 'provider' | 'numerics'>): Precision {
  return provider !== 'cpu' && numerics?.float16 === true ? 'float16' : 'float32'
}

/** `memory` in bytes; null when nothing tells how much the device has. */
export function fitOf(need: MemoryNeed, memory: number | null): Fit {
  if (memory === null) return 'unknown'
  if (need.total <= SHARE * memory) return 'fits'
  return need.total <= memory ? 'tight' : 'too large'
}

/** Where work runs, with the memory that is there for it. */
export interface WorkMemory {
  readonly name: string
  readonly provider: DeviceStatus['provider']
  readonly precision: Precision
  /** Bytes; null when nothing tells. */
  readonly memory: number | null
}

/** A GPU's own memory, or the machine's (`machineMemory` bytes) for the CPU, which is also assumed while none is chosen. */
export function workMemory({ devices, chosen }: DevicesState, machineMemory: number): WorkMemory {
  const device = devices.find(({ id }) => id === chosen)
  if (!device || device.provider === 'cpu')
    return { name: 'CPU', provider: 'cpu', precision: 'float32', memory: machineMemory }
  const { name, provider, memory } = device
  return { name, provider, precision: precisionOn(device), memory }
}

/** What a model needs where work runs, and whether that fits. */
export function judge(
  architecture: SizedArchitecture,
  { precision, memory }: WorkMemory,
): { need: MemoryNeed; parameters: number; fit: Fit } {
  const need = memoryNeed(architecture, precision)
  return { need, parameters: parametersOf(architecture), fit: fitOf(need, memory) }
}

/** Weights in the matrices of the blocks, in embedding and head, and all others. */
function weightCounts(architecture: SizedArchitecture): { matrices: number; words: number; rest: number } {
  // D model width, V vocabulary, H heads, G key heads, C head width, M width inside the MLP
  const { width: D, vocabulary: V, heads: H, keyHeads: G, headWidth: C, mlpWidth: M } = architecture
  const { layers, attentionBias, mlpBias, tiedHead } = architecture
  const matrices = layers * (2 * D * H * C + 2 * D * G * C + 3 * D * M)
  const biases = (attentionBias ? H * C + 2 * G * C + D : 0) + (mlpBias ? 2 * M + D : 0)
  const words = (tiedHead ? 1 : 2) * V * D
  return { matrices, words, rest: layers * (2 * D + biases) + D }
}
