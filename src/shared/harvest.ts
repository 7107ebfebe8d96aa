// A harvest: what it is asked for, field by field, and what its folder says of itself.
import { z } from 'zod'
import { field } from './config.ts'
import { corpusSpecSchema, type SampleSpec, samplePresets } from './corpus.ts'
import { count, seed } from './schema-parts.ts'

const corpus = corpusSpecSchema.shape

/** Flat, so that form and flags derive from it. */
export const harvestConfigSchema = z.object({
  model: field(z.string().min(1), {
    label: 'Model',
    help: 'Id of a model, the beginning of one, or a folder with a checkpoint.',
    input: 'model',
  }),
  corpus: corpus.path,
  layer: field(z.number().int().min(0), {
    label: 'Layer',
    help: 'Zero-based: the residual stream after this block is kept.',
  }),
  tokens: field(z.number().int().min(1).default(200_000), {
    label: 'Tokens',
    help: 'How many rows of activations are kept, those of special tokens included.',
    unit: 'tokens',
  }),
  contextLength: field(z.number().int().min(2).max(65_535).default(128), {
    label: 'Context length',
    help: 'How many tokens the model sees at once, the one that begins a text included.',
    unit: 'tokens',
  }),
  packing: field(z.enum(['document', 'packed']).default('document'), {
    label: 'Packing',
    help: 'A context holds text of one document only; or documents follow each other, and no place is left empty.',
    names: { document: 'One document a context', packed: 'Packed' },
  }),
  batch: field(z.number().int().min(1).max(1024).default(8), {
    label: 'Batch',
    help: 'Contexts the model reads in one run.',
    unit: 'contexts',
  }),
  sample: field(z.enum(samplePresets.map(({ id }) => id) as [string, ...string[]]).default('head'), {
    label: 'Sample',
    help: 'Which documents are taken: the first, random ones, or as much of each domain or language.',
    names: Object.fromEntries(samplePresets.map(({ id, label }) => [id, label])),
  }),
  weights: field(
    z
      .string()
      .regex(/^[^=,]+=[0-9.]+(,[^=,]+=[0-9.]+)*$/, 'It is NAME=WEIGHT,NAME=WEIGHT')
      .optional(),
    {
      label: 'Weights',
      help: 'Shares of the domains, as NAME=WEIGHT,NAME=WEIGHT; takes the place of the sample.',
    },
  ),
  quotas: field(
    z
      .string()
      .regex(/^[^=,]+=[1-9][0-9]*(,[^=,]+=[1-9][0-9]*)*$/, 'It is NAME=TOKENS,NAME=TOKENS')
      .optional(),
    {
      label: 'Quotas',
      help: 'Tokens of some domains, as NAME=TOKENS,NAME=TOKENS, before the others share the rest.',
    },
  ),
  seed: field(seed.default(0), {
    label: 'Seed',
    help: 'The same seed chooses the same documents, validation and rows.',
  }),
  textField: corpus.textField,
  stratumField: corpus.stratumField,
  languageField: corpus.languageField,
  validationShare: field(z.number().min(0).max(0.9).default(0.1), {
    label: 'Validation',
    help: 'Share of the documents that training never sees.',
  }),
  sinkFactor: field(z.number().min(1).default(10), {
    label: 'Attention sinks',
    help: 'Rows longer than this many times the median norm are left out of training.',
  }),
  frequencyCap: field(z.number().gt(0).max(1).default(1), {
    label: 'Frequency cap',
    help: 'Tokens more frequent than this share are thinned down to it for training; 1 thins none.',
  }),
  encoding: field(z.enum(['float16', 'int8']).default('float16'), {
    label: 'Stored as',
    help: 'float16, or one byte a number with a scale for each row, in half the space.',
  }),
})
export type HarvestConfig = z.output<typeof harvestConfigSchema>

/** What is taken of the corpus, as the sample is told it. */
export function sampleOf({ sample, weights, quotas, seed }: HarvestConfig): SampleSpec {
  const preset = samplePresets.find(({ id }) => id === sample)
  if (!preset) throw new Error(`There is no sample "${sample}".`)
  const chosen: SampleSpec = { ...preset.spec, seed }
  if (weights === undefined && quotas === undefined) return chosen
  const stratified = chosen.method === 'stratified' && weights === undefined
  return {
    ...(stratified ? chosen : { method: 'stratified', seed, by: 'stratum' }),
    ...(weights !== undefined && { weights: numbersOf(weights) }),
    ...(quotas !== undefined && { quotas: numbersOf(quotas) }),
  }
}

/** "a=1,b=2" → { a: 1, b: 2 } */
function numbersOf(text: string): Record<string, number> {
  const pairs = text.split(',').map((pair) => pair.split('=') as [string, string])
  return Object.fromEntries(pairs.map(([name, number]) => [name.trim(), Number(number)]))
}

export const harvestLedgerSchema = z.object({
  documents: z.object({ read: count, used: count, skipped: z.record(z.string(), count) }),
  /** Characters that stand for bytes which are no text. */
  replaced: count,
  contexts: count,
  /** BOS included. */
  tokens: count,
  rows: count,
  /** By stratum, "" for documents without one; without the tokens that part texts. */
  strata: z.record(z.string(), z.object({ documents: count, tokens: count })),
  split: z.object({ train: count, validation: count, special: count, sink: count, frequent: count }),
  /** Contexts in a batch → how many such batches ran. */
  batches: z.record(z.string(), count),
})
export type HarvestLedger = z.infer<typeof harvestLedgerSchema>

export const harvestManifestSchema = z.object({
  format: z.literal(1),
  kind: z.literal('harvest'),
  config: harvestConfigSchema,
  model: z.object({
    name: z.string(),
    /** SHA-256 of its configuration and weights. */
    hash: z.string(),
    hook: z.string(),
    /** D */
    width: count,
    precision: z.enum(['float32', 'float16']),
  }),
  calibration: z.object({
    contexts: count,
    tokens: count,
    medianNorm: z.number(),
    sinkNorm: z.number(),
    kept: z.record(z.string(), z.number()),
  }),
  ledger: harvestLedgerSchema,
  shards: z.array(
    z.object({ name: z.string(), firstRow: count, rows: count, bytes: z.number(), sha256: z.string() }),
  ),
  norms: z.object({
    /** Of rows that are no special tokens and no sinks: what steering is measured in. */
    mean: z.number(),
    /** Counts by group of positions and bin of the logarithm. */
    histogram: z.array(z.array(count)),
  }),
  /** Values beyond float16, clipped to its largest. */
  overflowed: count,
  /** int8: greatest share of a shard's length that was lost; null for float16. */
  error: z.number().nullable(),
  /** The first of the documents that were left out, with the reason. */
  leftOut: z.array(z.object({ source: z.string(), reason: z.string(), detail: z.string() })),
})
export type HarvestManifest = z.infer<typeof harvestManifestSchema>
