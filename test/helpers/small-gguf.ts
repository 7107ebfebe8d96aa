// The smallest LLaMA as a GGUF file, with a tokenizer of ten tokens.
import { requiredTensors } from '../../src/main/llama/architecture.ts'
import { parseConfig } from '../../src/main/llama/config-json.ts'
import { ggufName } from '../../src/main/llama/gguf/architecture.ts'
import { smallConfig } from './checkpoint-folder.ts'
import { type Entry, float32Bytes, type GgufTensorData } from './gguf-file.ts'

/** "a", "b" and "ab", a space, four specials and two bytes that stand for nothing. */
export const tokens = ['<|s|>', '<|end_of_text|>', 'a', 'b', 'ab', 'Ġ', '<|eot_id|>', 'Ċ', '[PAD8]', '<tool>']

/** Metadata of the small model; give null to leave an entry out. */
export function smallMetadata(changes: Readonly<Record<string, Entry | null>> = {}): Record<string, Entry> {
  const all: Record<string, Entry | null> = {
    'general.architecture': ['text', 'llama'],
    'llama.context_length': ['uint32', 64],
    'llama.embedding_length': ['uint32', smallConfig.hidden_size],
    'llama.block_count': ['uint32', smallConfig.num_hidden_layers],
    'llama.feed_forward_length': ['uint32', smallConfig.intermediate_size],
    'llama.attention.head_count': ['uint32', smallConfig.num_attention_heads],
    'llama.attention.head_count_kv': ['uint32', smallConfig.num_key_value_heads],
    'llama.attention.key_length': ['uint32', smallConfig.head_dim],
    'llama.attention.value_length': ['uint32', smallConfig.head_dim],
    'llama.attention.layer_norm_rms_epsilon': ['float32', 1e-5],
    'llama.rope.dimension_count': ['uint32', smallConfig.head_dim],
    'llama.rope.freq_base': ['float32', 10_000],
    'tokenizer.ggml.model': ['text', 'gpt2'],
    'tokenizer.ggml.pre': ['text', 'gpt-2'],
    'tokenizer.ggml.tokens': ['list', 'text', tokens],
    'tokenizer.ggml.token_type': ['list', 'int32', [3, 3, 1, 1, 1, 1, 3, 1, 5, 4]],
    'tokenizer.ggml.merges': ['list', 'text', ['a b']],
    'tokenizer.ggml.bos_token_id': ['uint32', 0],
    'tokenizer.ggml.eos_token_id': ['uint32', 1],
    ...changes,
  }
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, Entry] => entry[1] !== null),
  )
}

/** F32 tensors of `config` under GGUF's names; number i of a tensor is i. */
export function smallTensors(config: object = smallConfig): Record<string, GgufTensorData> {
  const needed = requiredTensors(parseConfig(config, null, 'config.json'))
  return Object.fromEntries(
    [...needed].map(([name, shape]) => {
      const numbers = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => index)
      return [ggufName(name), { shape, type: 0, bytes: float32Bytes(numbers) }]
    }),
  )
}
