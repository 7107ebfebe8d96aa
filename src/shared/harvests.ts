// The harvests of a workspace as every process sees them: the registry, what one is asked, and what one will cost.
import { z } from 'zod'
import { harvestConfigSchema, harvestLedgerSchema, harvestManifestSchema } from './harvest.ts'
import { count } from './schema-parts.ts'

/**
 * `waiting` and `running`: its job is at it; `stopped`: its job can go on, or is gone; `damaged`: files are missing or
 * not as long as they were.
 */
export const harvestStateSchema = z.enum(['ready', 'waiting', 'running', 'stopped', 'damaged'])
export type HarvestState = z.infer<typeof harvestStateSchema>

export const harvestSchema = z.object({
  /** The name of its folder, and the id of its job. */
  id: z.string(),
  state: harvestStateSchema,
  /** What is wrong, in a sentence; null when nothing is. */
  problem: z.string().nullable(),
  /** The job that makes it or could go on with it is still there. */
  resumable: z.boolean(),
  /** When it was finished, or began; in milliseconds since the epoch. */
  at: z.number(),
  path: z.string(),
  /** Of the workspace's disk. */
  bytes: z.number().nonnegative(),
  /** Null where nothing tells any more what was asked for. */
  config: harvestConfigSchema.nullable(),
  /** Null until it is finished. */
  done: z
    .object({
      model: harvestManifestSchema.shape.model,
      documents: count,
      contexts: count,
      rows: count,
      split: harvestLedgerSchema.shape.split,
    })
    .nullable(),
})
export type Harvest = z.infer<typeof harvestSchema>

/** How far a harvest under way is, once a second. */
export const harvestSketchSchema = z.object({
  rows: count,
  contexts: count,
  documents: harvestLedgerSchema.shape.documents,
  /** By stratum, "" for documents without one. */
  strata: harvestLedgerSchema.shape.strata,
  split: harvestLedgerSchema.shape.split,
  norms: harvestManifestSchema.shape.norms,
  shards: count,
})
export type HarvestSketch = z.infer<typeof harvestSketchSchema>

const rangeSchema = z.tuple([count, count])

/** A context that a search found; places are in UTF-16 units of the context's text. */
export const hitSchema = z.object({
  context: count,
  firstRow: count,
  tokens: count,
  score: z.number(),
  /** A part of its text around the first match, and where that part begins. */
  excerpt: z.string(),
  from: count,
  /** The context has text before and after it. */
  cut: z.object({ before: z.boolean(), after: z.boolean() }),
  /** All places that match, the first few hundred of them. */
  ranges: z.array(rangeSchema),
})
export type Hit = z.infer<typeof hitSchema>

export const hitsSchema = z.object({
  hits: z.array(hitSchema),
  /** Contexts that match; estimated unless `counted`. */
  matches: count,
  counted: z.boolean(),
  /** The hits are the best of so many; `sampled` when more match. */
  ranked: count,
  sampled: z.boolean(),
})
export type Hits = z.infer<typeof hitsSchema>

/** As the column of a shard has it: 0 left out, 1 train, 2 validation. */
export const splitSchema = z.union([z.literal(0), z.literal(1), z.literal(2)])

/** Why a row is left out; null where it is not. */
export const leftOutSchema = z.enum(['special', 'sink', 'frequent']).nullable()

export const rowTokenSchema = z.object({
  id: z.number().int(),
  /** In the context's text. Parts of one character end where it does, and special tokens are empty. */
  start: count,
  end: count,
  /** The spelling of a special token; null for tokens that are text. */
  special: z.string().nullable(),
  split: splitSchema,
  leftOut: leftOutSchema,
  norm: z.number(),
  /** Its number in the harvest. */
  sentence: count,
  /** Index among the documents of the view. */
  document: count,
})
export type RowToken = z.infer<typeof rowTokenSchema>

const neighbourSchema = z.object({ context: count, text: z.string() })

/** A context with all that is known of it. */
export const contextViewSchema = z.object({
  context: count,
  firstRow: count,
  text: z.string(),
  /** One a row, in order. */
  tokens: z.array(rowTokenSchema),
  /** False where the model's tokenizer is not at hand: then only ids tell tokens apart, and `start` and `end` are 0. */
  spelled: z.boolean(),
  documents: z.array(
    z.object({
      ordinal: count,
      source: z.string(),
      stratum: z.string().nullable(),
      language: z.string().nullable(),
      /** JSON. */
      meta: z.string().nullable(),
      split: splitSchema,
      /** Ids of the first and last context it reaches into. */
      first: count,
      last: count,
    }),
  ),
  /** What of its documents stands before and after it, the nearest few contexts in order. */
  before: z.array(neighbourSchema),
  after: z.array(neighbourSchema),
})
export type ContextView = z.infer<typeof contextViewSchema>

export const nearRowSchema = z.object({
  row: count,
  cosine: z.number(),
  context: count,
  position: count,
  token: z.number().int(),
  split: splitSchema,
  /** Its token with the text around it; the token's is null where the tokenizer is not at hand. */
  before: z.string(),
  text: z.string().nullable(),
  after: z.string(),
  source: z.string().nullable(),
})
export type NearRow = z.infer<typeof nearRowSchema>

export const rowViewSchema = z.object({
  row: count,
  context: count,
  position: count,
  token: z.number().int(),
  split: splitSchema,
  norm: z.number(),
  /** The nearest first. */
  nearest: z.array(nearRowSchema),
  /** Rows it was compared with, of how many there are. */
  compared: count,
  rows: count,
})
export type RowView = z.infer<typeof rowViewSchema>

export const harvestCostSchema = z.object({
  /** Bytes that stay, that are needed until it is finished, and that are free. */
  disk: z.object({ bytes: z.number(), meanwhile: z.number(), freeBytes: z.number().nullable() }),
  memory: z.object({ bytes: z.number(), limit: z.number().nullable(), device: z.string() }),
  time: z.object({ seconds: z.number(), tokensPerSecond: z.number(), basis: z.string() }).nullable(),
})
export type HarvestCost = z.infer<typeof harvestCostSchema>
