// The tensors a LLaMA consists of, by Hugging Face's names, with the shapes its configuration demands.
import type { LlamaConfig } from './config.ts'

export const EMBEDDING = 'model.embed_tokens.weight'
export const HEAD = 'lm_head.weight'

/** The linear modules of a block's attention and MLP; those of a list read the same x and can be one product. */
export const together = {
  attentionIn: ['q_proj', 'k_proj', 'v_proj'],
  attentionOut: ['o_proj'],
  mlpIn: ['gate_proj', 'up_proj'],
  mlpOut: ['down_proj'],
} as const

/** The module of a weight: "lm_head" of "lm_head.weight". */
export function moduleOf(weight: string): string {
  return weight.slice(0, -'.weight'.length)
}

/** Every tensor of the architecture and its shape; the head only when it is not the embedding. */
export function* requiredTensors(
  config: LlamaConfig,
): Generator<readonly [name: string, shape: readonly number[]]> {
  // D model width, V vocabulary, H heads, G key heads, C head width, M width inside the MLP
  const { width: D, vocabulary: V, heads: H, keyHeads: G, headWidth: C, mlpWidth: M } = config
  yield [EMBEDDING, [V, D]]
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`
    yield [`${block}.input_layernorm.weight`, [D]]
    yield* linear(`${block}.self_attn.q_proj`, H * C, D, config.attentionBias)
    yield* linear(`${block}.self_attn.k_proj`, G * C, D, config.attentionBias)
    yield* linear(`${block}.self_attn.v_proj`, G * C, D, config.attentionBias)
    yield* linear(`${block}.self_attn.o_proj`, D, H * C, config.attentionBias)
    yield [`${block}.post_attention_layernorm.weight`, [D]]
    yield* linear(`${block}.mlp.gate_proj`, M, D, config.mlpBias)
    yield* linear(`${block}.mlp.up_proj`, M, D, config.mlpBias)
    yield* linear(`${block}.mlp.down_proj`, D, M, config.mlpBias)
  }
  yield ['model.norm.weight', [D]]
  if (!config.tiedHead) yield [HEAD, [V, D]]
}

/** A matrix is (out, in). */
function* linear(
  name: string,
  out: number,
  into: number,
  bias: boolean,
): Generator<readonly [name: string, shape: readonly number[]]> {
  yield [`${name}.weight`, [out, into]]
  if (bias) yield [`${name}.bias`, [out]]
}
