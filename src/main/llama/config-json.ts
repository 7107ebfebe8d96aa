// Reads a model's config.json and generation_config.json: the spellings of several years in, one LlamaConfig out.
import { join } from 'node:path'
import { z } from 'zod'
import { expected } from '../../shared/errors.ts'
import { parseBoundedJson } from './bounded-json.ts'
import type { LlamaConfig } from './config.ts'
import { withInputFile } from './input-file.ts'
import { CONFIG } from './model-files.ts'
import { readRope, ropeSchema } from './rope-json.ts'

const ARCHITECTURE = 'LlamaForCausalLM'
/** A configuration is a page of text; a vocabulary in it (labels) a few hundred. */
const MAX_BYTES = 4 * 1024 * 1024

/** Sizes beyond any model's, so that a wrong number is an error here and not an allocation later. */
const width = z.int().min(1).max(16_777_216)
const layers = z.int().min(1).max(4096)
/** −1 is how some write "none". */
const id = z.int().min(-1)
const ids = z.union([id, z.array(id)]).nullish()

const namesSchema = z.object({
  model_type: z.string().nullish(),
  architectures: z.array(z.string()).nullish(),
  quantization_config: z.object({ quant_method: z.string().optional() }).nullish(),
})

/** Defaults as in transformers' LlamaConfig. */
const configSchema = z.object({
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: width,
  num_key_value_heads: width.nullish(),
  head_dim: width.nullish(),
  intermediate_size: width,
  vocab_size: width,
  max_position_embeddings: width.default(2048),
  hidden_act: z.string().default('silu'),
  rms_norm_eps: z.number().positive().max(1).default(1e-6),
  attention_bias: z.boolean().nullish(),
  mlp_bias: z.boolean().nullish(),
  tie_word_embeddings: z.boolean().nullish(),
  bos_token_id: id.nullish(),
  eos_token_id: ids,
  ...ropeSchema.shape,
})

const generationSchema = z.object({ bos_token_id: id.nullish(), eos_token_id: ids })

/** The configuration in `folder`. Throws `config/…` with the value that is wrong, `checkpoint/bad-json` or `disk/…`. */
export async function readConfig(folder: string): Promise<LlamaConfig> {
  const path = join(folder, CONFIG)
  return parseConfig(await readJson(path), await readGeneration(join(folder, 'generation_config.json')), path)
}

/** `path` names the configuration in errors: `config/…`. */
export function parseConfig(json: unknown, generationJson: unknown, path: string): LlamaConfig {
  refuseOthers(parsed(namesSchema, json, path), path)
  const config = parsed(configSchema, json, path)
  const generation = parsed(generationSchema.nullable(), generationJson, path)
  const {
    hidden_size: D,
    num_attention_heads: H,
    num_key_value_heads: G = null,
    head_dim: C = null,
    vocab_size: V,
  } = config
  if (config.hidden_act !== 'silu') {
    throw wrong(path, `hidden_act is ${config.hidden_act}, and a LLaMA’s is silu`)
  }
  if (C === null && D % H !== 0) {
    throw wrong(path, `hidden_size ${D} is no multiple of num_attention_heads ${H}, and there is no head_dim`)
  }
  const keyHeads = G ?? H
  const headWidth = C ?? D / H
  if (H % keyHeads !== 0) {
    throw wrong(path, `num_attention_heads ${H} is no multiple of num_key_value_heads ${keyHeads}`)
  }
  if (headWidth % 2 !== 0) throw wrong(path, `head_dim ${headWidth} is odd, and rotary positions turn pairs`)
  // what generation_config.json says of ends is what transformers obeys
  const eosIds = idList(generation?.eos_token_id, V) ?? idList(config.eos_token_id, V) ?? []
  const [bosId = null] = idList(config.bos_token_id, V) ?? idList(generation?.bos_token_id, V) ?? []
  return {
    width: D,
    layers: config.num_hidden_layers,
    heads: H,
    keyHeads,
    headWidth,
    mlpWidth: config.intermediate_size,
    vocabulary: V,
    positions: config.max_position_embeddings,
    normEpsilon: config.rms_norm_eps,
    rope: readRope(config, config.max_position_embeddings, path),
    attentionBias: config.attention_bias ?? false,
    mlpBias: config.mlp_bias ?? false,
    tiedHead: config.tie_word_embeddings ?? false,
    bosId,
    eosIds,
  }
}

function refuseOthers(names: z.infer<typeof namesSchema>, path: string): void {
  const type = names.model_type ?? null
  const [architecture = null] = names.architectures ?? []
  const llama = type === 'llama' || (type === null && architecture === ARCHITECTURE)
  if (!llama || (architecture !== null && !names.architectures?.includes(ARCHITECTURE))) {
    const name = [architecture, type].filter((part) => part !== null).join(', model type ')
    throw expected(
      'config/architecture',
      `${path} describes ${name === '' ? 'no architecture' : `the architecture ${name}`}, and Monoscope reads ${ARCHITECTURE}.`,
      'Choose a LLaMA model, such as Llama 3.2 or SmolLM2.',
    )
  }
  if (names.quantization_config) {
    const method = names.quantization_config.quant_method ?? 'an unnamed method'
    throw expected(
      'config/quantised',
      `The weights beside ${path} are quantised with ${method}, which is not read.`,
      'Choose the original model (F32, F16 or BF16), or a GGUF file.',
    )
  }
}

/** Null when there is none: base models often come without. */
async function readGeneration(path: string): Promise<unknown> {
  try {
    return await readJson(path)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'disk/missing') return null
    throw error
  }
}

async function readJson(path: string): Promise<unknown> {
  return withInputFile(path, async (file) => {
    if (file.size > MAX_BYTES) throw wrong(path, `it has ${file.size} bytes, too many for a configuration`)
    const bytes = await file.read(0, file.size)
    return parseBoundedJson(bytes, { source: path, depth: 32, values: 1_000_000 })
  })
}

function parsed<S extends z.ZodType>(schema: S, json: unknown, path: string): z.infer<S> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const where = issue?.path.join('.') ?? ''
  throw wrong(path, `${where === '' ? 'its content' : where}: ${issue?.message}`)
}

/** Null when none is given; ids outside the vocabulary mean nothing. */
function idList(value: number | readonly number[] | null | undefined, vocabulary: number): number[] | null {
  if (value === null || value === undefined) return null
  return [value].flat().filter((id) => id >= 0 && id < vocabulary)
}

function wrong(path: string, why: string): Error {
  return expected(
    'config/wrong',
    `Cannot use ${path}: ${why}.`,
    'Take the config.json that belongs to the model.',
  )
}
