// What a harvest needs: the page says it beforehand, and the job itself asks for it before it begins.
import { expected } from '../../shared/errors.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import { memoryNeed } from '../../shared/model-memory.ts'
import type { LlamaConfig } from '../llama/config.ts'
import { type HookName, hookOf } from '../llama/hook.ts'
import type { Precision } from '../llama/graph/weights.ts'
import { contextsOfRun } from './lanes.ts'
import { slotCount } from './row-slots.ts'

/**
 * The process with its three threads, onnxruntime, and the pages of the index that are kept. With it the peaks that
 * were measured of two models at two batches each are from 8 % below to 6 % above the estimate.
 */
const BASE_BYTES = 360e6

/** The hook a harvest keeps; throws `hook/unknown`, and `harvest/context` for contexts the model cannot read. */
export function hookFor({ layer, contextLength }: HarvestConfig, config: LlamaConfig): HookName {
  if (contextLength > config.positions) {
    throw expected(
      'harvest/context',
      `Contexts of ${contextLength} tokens do not fit: the model takes at most ${config.positions}.`,
      'Choose a shorter context.',
    )
  }
  return hookOf(`blocks.${layer}.hook_resid_post`, config)
}

/**
 * Bytes of memory where the model runs, estimated: weights of the blocks that run, and what one batch takes, or what
 * each of `lanes` sessions takes of it.
 */
export function harvestMemory(
  { layer, batch, contextLength, encoding }: HarvestConfig,
  config: LlamaConfig,
  precision: Precision,
  lanes = 1,
): number {
  // B contexts, T tokens, D model width, H heads, M width inside the MLP
  const { width: D, heads: H, mlpWidth: M } = config
  const [B, T] = [batch, contextLength]
  const { weights } = memoryNeed({ ...config, layers: layer + 1, tiedHead: true }, precision)
  const wide = precision === 'float16' ? 2 : 4
  // contexts that are inside the model at once
  const C = lanes > 1 ? lanes * contextsOfRun(T) : B
  const inside = C * T * (6 * D + 3 * M) * wide + C * H * T * T * wide
  // what comes out: of the batch that is computed, and of those on their way to the disk
  const out = B * T * D * (encoding === 'float16' ? 2 : 4)
  const outside = out + slotCount(out) * out
  return lanes * weights + inside + outside + BASE_BYTES
}

/** Additions and multiplications in the matrices of the blocks that run. */
export function operationsPerToken({ layer }: Pick<HarvestConfig, 'layer'>, config: LlamaConfig): number {
  const { width: D, heads: H, keyHeads: G, headWidth: C, mlpWidth: M } = config
  return 2 * (layer + 1) * (2 * D * H * C + 2 * D * G * C + 3 * D * M)
}
