// A model of the workspace as every process sees it: its manifest, which lies beside its files, and how it stands now.
import { z } from 'zod'

/** The sizes of a LLaMA, as `LlamaConfig` has them, and what else a person may want to know of it. */
export const architectureSchema = z.object({
  /** The family whose graph computes it. */
  family: z.literal('llama'),
  width: z.number().int().positive(),
  layers: z.number().int().positive(),
  heads: z.number().int().positive(),
  keyHeads: z.number().int().positive(),
  headWidth: z.number().int().positive(),
  mlpWidth: z.number().int().positive(),
  vocabulary: z.number().int().positive(),
  /** Tokens a context may have. */
  positions: z.number().int().positive(),
  rope: z.object({ kind: z.enum(['default', 'linear', 'llama3']), theta: z.number() }),
  attentionBias: z.boolean(),
  mlpBias: z.boolean(),
  /** The head is the embedding. */
  tiedHead: z.boolean(),
})
export type Architecture = z.infer<typeof architectureSchema>

/** Where a model came from. */
export const originSchema = z.discriminatedUnion('kind', [
  /** A Hugging Face folder of this machine. */
  z.object({ kind: z.literal('folder'), path: z.string() }),
  z.object({ kind: z.literal('gguf'), path: z.string(), bytes: z.number().nonnegative() }),
  z.object({
    kind: z.literal('hub'),
    endpoint: z.string(),
    repository: z.string(),
    /** As it was asked for, and the commit it was then. */
    revision: z.string(),
    commit: z.string(),
  }),
])
export type Origin = z.infer<typeof originSchema>

export const modelFileSchema = z.object({
  /** Relative to the checkpoint's folder, with "/". */
  name: z.string(),
  bytes: z.number().nonnegative(),
  /** Hex. */
  sha256: z.string(),
})
export type ModelFile = z.infer<typeof modelFileSchema>

/** The content of `model.json`; with it a folder describes itself wherever it is copied. */
export const manifestSchema = z.object({
  format: z.literal(1),
  kind: z.literal('model'),
  name: z.string().min(1),
  /** Milliseconds since the epoch. */
  importedAt: z.number(),
  origin: originSchema,
  /** The folder of the checkpoint when it was left where it was; null: it lies beside this file. */
  linkedTo: z.string().nullable(),
  /** SHA-256 (hex) over the lines "<sha256>  <name>\n" of `files`. */
  hash: z.string(),
  /** config.json and the weights, by name. */
  files: z.array(modelFileSchema),
  architecture: architectureSchema,
  parameters: z.number().int().positive(),
  /** Of the weights as they are stored. */
  bytes: z.number().nonnegative(),
  dtypes: z.array(z.enum(['float32', 'float16', 'bfloat16'])),
  /** As its source names it: "apache-2.0"; null where it says nothing. */
  licence: z.string().nullable(),
})
export type Manifest = z.infer<typeof manifestSchema>

/** `missing`: its files are gone; `changed`: they have other sizes than when it was brought in. */
export const modelStateSchema = z.enum(['ready', 'missing', 'changed'])
export type ModelState = z.infer<typeof modelStateSchema>

export const modelSchema = manifestSchema.omit({ format: true, kind: true }).extend({
  /** The name of its folder in the workspace. */
  id: z.string(),
  state: modelStateSchema,
  /** What is wrong, in a sentence; null when it is ready. */
  problem: z.string().nullable(),
  /** The folder with config.json, the tokenizer and the weights. */
  checkpoint: z.string(),
  /** Bytes of the workspace's disk that removing it frees. */
  ownBytes: z.number().nonnegative(),
})
export type Model = z.infer<typeof modelSchema>

/** The parts of a block where the residual stream, or what is added to it, can be read. */
export const hookParts = ['hook_resid_pre', 'hook_attn_out', 'hook_mlp_out', 'hook_resid_post'] as const
