// Small checkpoints for tests: a Hugging Face folder with all tensors its configuration demands, all zero.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requiredTensors } from '../../src/main/llama/architecture.ts'
import { parseConfig } from '../../src/main/llama/config-json.ts'
import { elementBytes, type SafetensorsDtype } from '../../src/main/llama/safetensors.ts'
import { SafetensorsWriter } from '../../src/main/llama/safetensors-writer.ts'

/** The smallest LLaMA with everything: two layers, two heads that share one key head, heads wider than D / H. */
export const smallConfig = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 6,
  intermediate_size: 12,
  vocab_size: 10,
  max_position_embeddings: 64,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  tie_word_embeddings: false,
  bos_token_id: 1,
  eos_token_id: 2,
}

export interface TensorBytes {
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
}

/** The tensors that `config` demands, all of `dtype`. */
export function demandedTensors(config: object, dtype: SafetensorsDtype = 'F32'): Map<string, TensorBytes> {
  const needed = requiredTensors(parseConfig(config, null, 'config.json'))
  return new Map([...needed].map(([name, shape]) => [name, { dtype, shape }]))
}

export async function writeTensors(path: string, tensors: ReadonlyMap<string, TensorBytes>): Promise<void> {
  const planned = [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }))
  const writer = await SafetensorsWriter.create(path, planned, { format: 'pt' })
  for (const { dtype, shape } of planned) {
    await writer.write(new Uint8Array(shape.reduce((a, b) => a * b, elementBytes[dtype])))
  }
  await writer.commit()
}

/** `folder` with config.json and model.safetensors (zeros); tensors are those of `config` unless given. */
export async function writeCheckpoint(
  folder: string,
  config: object = smallConfig,
  tensors: ReadonlyMap<string, TensorBytes> = demandedTensors(config),
): Promise<string> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'config.json'), JSON.stringify(config))
  await writeTensors(join(folder, 'model.safetensors'), tensors)
  return folder
}
