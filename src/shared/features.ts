// The features of an SAE as every process sees them: its indexes, the table of all features, and everything on one of them.
// Letters: F features, S strata, L languages, P groups of positions, V tokens of the vocabulary.
import { z } from 'zod'
import { flaggedSchema } from './feature-flags.ts'
import { count } from './schema-parts.ts'

const floats = z.custom<Float32Array>((value) => value instanceof Float32Array)
const whole = z.custom<Uint32Array>((value) => value instanceof Uint32Array)
const signed = z.custom<Int32Array>((value) => value instanceof Int32Array)
const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

/** Which index is meant: of an SAE (an id, a unique prefix of one, or a path) the one of that harvest, or the newest. */
export const indexPlaceSchema = z.object({ sae: z.string().min(1), harvest: z.string().min(1).optional() })
export type IndexPlace = z.infer<typeof indexPlaceSchema>

/** Of a harvest, or of one of its strata or languages: rows that were indexed without special tokens and attention sinks. */
const partSchema = z.object({
  /** Null for documents that have none. */
  name: z.string().nullable(),
  rows: count,
  contexts: count,
})

/** What an index holds, as its own manifest says. */
export const indexManifestSchema = z.object({
  format: z.number().int(),
  kind: z.literal('feature-index'),
  sae: z.object({
    id: z.string(),
    architecture: z.string(),
    /** SHA-256 of its weights. */
    hash: z.string(),
    /** F */
    features: count,
    /** D */
    width: count,
  }),
  model: z.object({ name: z.string(), hash: z.string(), hook: z.string() }),
  harvest: z.object({ id: z.string(), path: z.string(), rows: count, contexts: count }),
  /** Rows that were indexed; those of special tokens and of attention sinks are in no density. */
  rows: count,
  special: count,
  sinks: count,
  contexts: count,
  /** Share of the harvest's contexts that were taken; 1 when all were. */
  share: z.number(),
  /** Codes: pairs of row and feature. */
  codes: count,
  alive: count,
  /** Mean number of features of a row. */
  l0: z.number(),
  strata: z.array(partSchema),
  languages: z.array(partSchema),
  /** What documents are told apart by; of each the rows are counted for every feature. */
  groups: z.array(
    z.object({ stratum: z.string().nullable(), language: z.string().nullable(), validates: z.boolean() }),
  ),
  /** Rows that train, and rows that validate. */
  splits: z.object({ train: count, validation: count }),
  /** Rows by group of positions (see norm-bins.ts). */
  positions: z.array(count),
  /** By which texts it is told what fires across languages; null where none are known, and `why` says so. */
  aligned: z
    .object({ source: z.string(), languages: z.tuple([z.string(), z.string()]), texts: count })
    .nullable(),
  alignedWhy: z.string().nullable(),
  /** A space at the beginning of a text is the tokenizer's, and no text. */
  beginsWithSpace: z.boolean(),
  /** Why there are no logit effects; null where there are. */
  logitsWhy: z.string().nullable(),
})
export type IndexManifest = z.infer<typeof indexManifestSchema>

/** `outdated`: of an older format, it has to be built anew; `damaged`: files are missing; `building`: its job is not done. */
export const featureIndexSchema = z.object({
  /** Id of the harvest, the name of its folder. */
  harvest: z.string(),
  path: z.string(),
  state: z.enum(['ready', 'building', 'stopped', 'outdated', 'damaged']),
  /** What is wrong, in a sentence; null when nothing is. */
  problem: z.string().nullable(),
  /** When it was finished, or began; milliseconds since the epoch. */
  at: z.number(),
  bytes: z.number(),
  manifest: indexManifestSchema.nullable(),
  /** What cannot be done because its harvest is gone or damaged, its model is not here, or its SAE has changed; each a sentence. */
  missing: z.array(z.object({ what: z.enum(['harvest', 'model', 'sae']), text: z.string() })),
})
export type FeatureIndex = z.infer<typeof featureIndexSchema>

/** What an index would need. */
export const indexPlanSchema = z.object({
  rows: count,
  contexts: count,
  /** Share of the contexts that are taken. */
  share: z.number(),
  /** L0 it is reckoned with. */
  l0: z.number(),
  /** Bytes that stay, that are needed until it is finished, and that are free. */
  disk: z.object({ bytes: z.number(), meanwhile: z.number(), freeBytes: z.number().nullable() }),
  memory: z.object({ bytes: z.number(), limit: z.number().nullable() }),
})
export type IndexPlan = z.infer<typeof indexPlanSchema>

/** Bins of the histogram of a feature's activations, from 0 to its maximum. */
export const HISTOGRAM_BINS = 50
/** Bins of the small histogram in the table. */
export const SPARK_BINS = 16

/** All features at once, a column each; whatever is sorted and filtered by, without asking again. */
export const featureTableSchema = z.object({
  harvest: z.string(),
  features: count,
  /** (F): share of the rows; 0 for dead ones. */
  density: floats,
  max: floats,
  /** Mean where it fires. */
  mean: floats,
  /** (F): bits, see feature-flags.ts. */
  flags: z.custom<Uint16Array>((value) => value instanceof Uint16Array),
  /** (F): contexts in which it fires. */
  contexts: whole,
  decoderNorm: floats,
  /** (F): the token with most of its activation; −1 for dead ones. Its spelling is `spellings[place]`. */
  token: signed,
  /** (F): where its token is spelled. */
  spelling: whole,
  spellings: z.array(z.string()),
  /** (F, 16): the histogram in few bins, each relative to the fullest, 255. */
  sparks: bytes,
  /** (F, S) and (F, L): density in each stratum and language of the manifest, in its order. */
  byStratum: floats,
  byLanguage: floats,
})
export type FeatureTable = z.infer<typeof featureTableSchema>

/** A part of a context with one feature's activations. */
export const exampleSchema = z.object({
  context: count,
  /** Tokens of the whole context. */
  length: count,
  /** Position of the first token that is shown. */
  from: count,
  /** Token ids, their spellings, and the feature's activation at each; spellings are empty where nothing spells them. */
  tokens: signed,
  texts: z.array(z.string()),
  values: floats,
  /** Position of the greatest activation, and that; −1 and 0 where it does not fire. */
  position: z.number().int(),
  value: z.number(),
  stratum: z.string().nullable(),
  language: z.string().nullable(),
  validates: z.boolean(),
})
export type FeatureExample = z.infer<typeof exampleSchema>

const tokenStatsSchema = z.object({
  id: z.number().int(),
  text: z.string(),
  /** Rows of the token in which it fires, of how many. */
  firings: count,
  rows: count,
  /** Where it fires. */
  mean: z.number(),
  max: z.number(),
})
export type TokenStats = z.infer<typeof tokenStatsSchema>

const logitSchema = z.object({ id: z.number().int(), text: z.string(), value: z.number() })

const nearSchema = z.object({ feature: count, cosine: z.number() })
const togetherSchema = z.object({
  feature: count,
  /** Normalised pointwise mutual information, −1 to 1. */
  npmi: z.number(),
  /** In how many of the sampled firings the other fires, too. */
  joint: count,
})

const densitySchema = z.object({
  name: z.string().nullable(),
  firings: count,
  rows: count,
  density: z.number(),
})

/** Everything on one feature. Of a dead one examples, tokens, histogram and neighbours by firing are empty. */
export const featurePageSchema = z.object({
  feature: count,
  harvest: z.string(),
  firings: count,
  contexts: count,
  density: z.number(),
  max: z.number(),
  mean: z.number(),
  decoderNorm: z.number(),
  /** The one with most of its activation, as tables and searches name it by; empty where there is none. */
  token: z.string(),
  flags: z.array(flaggedSchema),
  /** What could not be told, and why: "It cannot be known whether it fires across languages: …". */
  unknown: z.array(z.string()),
  /** (50): firings by activation, from 0 to the maximum. */
  histogram: whole,
  /** The strongest contexts without duplicates, the strongest first. */
  top: z.array(exampleSchema),
  /** From the weakest fifth of the contexts to the strongest: its limits, and some of it. */
  quantiles: z.array(
    z.object({ from: z.number(), to: z.number(), contexts: count, examples: z.array(exampleSchema) }),
  ),
  /** Contexts in which it does not fire, drawn by chance. */
  silent: z.array(exampleSchema),
  /** By their mean where it fires, and by how often it fires. */
  tokensByMean: z.array(tokenStatsSchema),
  tokensByCount: z.array(tokenStatsSchema),
  /** Decoder row × weight of the final norm × unembedding; null where the model was not there. */
  logits: z
    .object({
      up: z.array(logitSchema),
      down: z.array(logitSchema),
      /** (50): tokens by effect, from `from` to `to`. */
      histogram: whole,
      from: z.number(),
      to: z.number(),
    })
    .nullable(),
  near: z.array(nearSchema),
  together: z.array(togetherSchema),
  /** Firings that were looked at for `together`. */
  sample: count,
  byStratum: z.array(densitySchema),
  byLanguage: z.array(densitySchema),
  byPosition: z.array(densitySchema),
  /** `train` and `validation`. */
  bySplit: z.array(densitySchema),
  /** The features before and after it that fire at all; null where there are none. */
  before: count.nullable(),
  after: count.nullable(),
})
export type FeaturePage = z.infer<typeof featurePageSchema>

/** Texts of tokens with the features that fire at each: `features[starts[t]] … features[starts[t + 1] - 1]` are those of token t. */
export const tokenCodesSchema = z.object({
  tokens: signed,
  texts: z.array(z.string()),
  /** (T): 1 for special tokens, whose codes mean little. */
  special: bytes,
  /** (T + 1) */
  starts: whole,
  /** Ascending of each token. */
  features: whole,
  values: floats,
})
export type TokenCodes = z.infer<typeof tokenCodesSchema>

/** A pasted text as the model reads it, at most 512 tokens; put together, the spellings of what is not special are the text. */
export const readTextSchema = tokenCodesSchema.extend({
  /** Tokens at the end of the text that were left out. */
  leftOut: count,
})
export type ReadText = z.infer<typeof readTextSchema>

/** A whole context. */
export const contextCodesSchema = tokenCodesSchema.extend({
  context: count,
  stratum: z.string().nullable(),
  language: z.string().nullable(),
  validates: z.boolean(),
})
export type ContextCodes = z.infer<typeof contextCodesSchema>

/** Contexts in which a feature fires, in an order, from a place of it on. */
export const firingsSchema = z.object({ total: count, examples: z.array(exampleSchema) })
export type Firings = z.infer<typeof firingsSchema>
