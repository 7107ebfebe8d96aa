// A GGUF file's architecture as Hugging Face's config.json, and the names its tensors have there.
import { expected } from '../../../shared/errors.ts'
import type { Rope } from '../config.ts'
import type { GgufHeader, GgufTensor } from './header.ts'
import { Metadata } from './metadata.ts'
import { llama3FromDivisors } from './rope-factors.ts'

/** What config.json says, with Hugging Face's names. */
export interface ConfigJson {
  readonly architectures: readonly string[]
  readonly model_type: 'llama'
  readonly hidden_size: number
  readonly num_hidden_layers: number
  readonly num_attention_heads: number
  readonly num_key_value_heads: number
  readonly head_dim: number
  readonly intermediate_size: number
  readonly vocab_size: number
  readonly max_position_embeddings: number
  readonly hidden_act: 'silu'
  readonly rms_norm_eps: number
  readonly rope_parameters: Readonly<Record<string, number | string>>
  readonly attention_bias: boolean
  readonly mlp_bias: boolean
  readonly tie_word_embeddings: boolean
}

const ROPE_DIVISORS = 'rope_freqs.weight'

/** Throws `config/architecture`, `config/rope` or `gguf/metadata`. `divisors`: the numbers of `rope_freqs.weight`. */
export function configOf(header: GgufHeader, divisors: readonly number[] | null): ConfigJson {
  const metadata = new Metadata(header)
  refuseOthers(metadata)
  const { tensors } = header
  const width = metadata.neededNumber('llama.embedding_length')
  const heads = metadata.neededNumber('llama.attention.head_count')
  const headWidth = metadata.number('llama.attention.key_length') ?? width / heads
  const positionWidth = metadata.number('llama.rope.dimension_count') ?? headWidth
  if (positionWidth !== headWidth) {
    throw metadata.wrong(
      `positions turn ${positionWidth} of the ${headWidth} numbers of a head, and a LLaMA’s turn all`,
    )
  }
  const valueWidth = metadata.number('llama.attention.value_length') ?? headWidth
  if (valueWidth !== headWidth) {
    throw metadata.wrong(`values are ${valueWidth} wide and keys ${headWidth}, and a LLaMA’s are alike`)
  }
  const embedding = tensors.get('token_embd.weight')
  if (!embedding) throw metadata.wrong('it has no token_embd.weight')
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: width,
    num_hidden_layers: metadata.neededNumber('llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: metadata.number('llama.attention.head_count_kv') ?? heads,
    head_dim: headWidth,
    intermediate_size: metadata.neededNumber('llama.feed_forward_length'),
    vocab_size: embedding.shape[0] ?? 0,
    max_position_embeddings: metadata.neededNumber('llama.context_length'),
    hidden_act: 'silu',
    rms_norm_eps: shortest(metadata.neededNumber('llama.attention.layer_norm_rms_epsilon')),
    rope_parameters: ropeJson(ropeOf(metadata, divisors, headWidth)),
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_up.bias'),
    tie_word_embeddings: !tensors.has('output.weight'),
  }
}

/** The tensor of what each rotary frequency is divided by; `configOf` wants its numbers. */
export function ropeDivisors(header: GgufHeader): GgufTensor | null {
  return header.tensors.get(ROPE_DIVISORS) ?? null
}

const blockNames: Readonly<Record<string, string>> = {
  input_layernorm: 'attn_norm',
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  post_attention_layernorm: 'ffn_norm',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
}

const names: Readonly<Record<string, string>> = {
  'model.embed_tokens': 'token_embd',
  'model.norm': 'output_norm',
  lm_head: 'output',
}

/** GGUF's name of a tensor that Hugging Face calls `name`. */
export function ggufName(name: string): string {
  const parts = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name)
  const [, layer, part = '', kind] = parts ?? []
  const own = layer === undefined ? names[part] : blockNames[part]
  if (own === undefined) throw new Error(`${name} is no tensor of a LLaMA.`)
  return `${layer === undefined ? '' : `blk.${layer}.`}${own}.${kind}`
}

function refuseOthers(metadata: Metadata): void {
  const architecture = metadata.text('general.architecture')
  const experts = metadata.number('llama.expert_count') ?? 0
  if (architecture !== 'llama' || experts > 0) {
    throw expected(
      'config/architecture',
      `${metadata.path} holds ${experts > 0 ? `a mixture of ${experts} experts` : `the architecture ${architecture ?? '(none)'}`}, and Monoscope reads llama.`,
      'Choose a LLaMA model, such as Llama 3.2 or SmolLM2.',
    )
  }
  const parts = metadata.number('split.count') ?? 1
  if (parts > 1) {
    throw expected(
      'gguf/split',
      `${metadata.path} is one of ${parts} parts.`,
      'Join them first: llama-gguf-split --merge FIRST-PART OUTPUT.',
    )
  }
}

function ropeOf(metadata: Metadata, divisors: readonly number[] | null, headWidth: number): Rope {
  const theta = metadata.number('llama.rope.freq_base') ?? 10_000
  // llama.cpp reads a factor as linear unless the type says otherwise
  const scaling = metadata.text('llama.rope.scaling.type') ?? 'linear'
  const given =
    metadata.number('llama.rope.scaling.factor') ?? metadata.number('llama.rope.scale_linear') ?? 1
  const factor = scaling === 'none' || given === 0 ? 1 : given
  if (divisors && divisors.length * 2 !== headWidth) {
    throw unknownRope(
      metadata.path,
      `${ROPE_DIVISORS} has ${divisors.length} numbers for heads of ${headWidth}`,
    )
  }
  const scaled = divisors?.some((divisor) => divisor !== 1) ?? false
  if (scaling !== 'none' && scaling !== 'linear') {
    throw unknownRope(metadata.path, `they are scaled by ${scaling}, and linear and llama3 are known`)
  }
  if (scaled && factor !== 1) {
    throw unknownRope(
      metadata.path,
      `${ROPE_DIVISORS} and llama.rope.scaling.factor (${factor}) both scale them`,
    )
  }
  if (scaled) {
    const rope = llama3FromDivisors(divisors ?? [], theta)
    if (!rope) throw unknownRope(metadata.path, `${ROPE_DIVISORS} is not what llama3’s formula gives`)
    return rope
  }
  return factor === 1 ? { kind: 'default', theta } : { kind: 'linear', theta, factor }
}

function unknownRope(path: string, why: string): Error {
  return expected(
    'config/rope',
    `Cannot use the rotary positions of ${path}: ${why}.`,
    'Fetch the model’s original safetensors files instead.',
  )
}

function ropeJson(rope: Rope): Record<string, number | string> {
  const { kind, theta } = rope
  if (kind === 'default') return { rope_type: kind, rope_theta: theta }
  if (kind === 'linear') return { rope_type: kind, rope_theta: theta, factor: rope.factor }
  return {
    rope_type: kind,
    rope_theta: theta,
    factor: rope.factor,
    low_freq_factor: rope.lowFrequencyFactor,
    high_freq_factor: rope.highFrequencyFactor,
    original_max_position_embeddings: rope.originalPositions,
  }
}

/** The shortest decimal that is the same float32: 9.999999747378752e-6 was meant as 1e-5. */
function shortest(value: number): number {
  const short = Number(value.toPrecision(7))
  return Math.fround(short) === value ? short : value
}
