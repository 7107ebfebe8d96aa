// Searches that end in features: by the text of contexts, by label, and by token.
import { z } from 'zod'
import { featureFlagSchema } from './feature-flags.ts'
import { hitsSchema } from './harvests.ts'
import { exampleSchema, indexPlaceSchema } from './features.ts'
import { count } from './schema-parts.ts'

export const featureSearchSchema = indexPlaceSchema.extend({
  /** As it was typed; see the search of harvests. */
  text: z.string(),
  /** Contexts and features that are wanted at most. */
  contexts: z.number().int().min(0).max(500).default(20),
  features: z.number().int().min(0).max(500).default(30),
  /** Only contexts of these, by name ("" for those without one); all when it is empty. */
  strata: z.array(z.string()).default([]),
  languages: z.array(z.string()).default([]),
  /** Only features whose density lies between, and that have none of these flags. */
  density: z.object({ from: z.number().min(0), to: z.number().max(1) }).prefault({ from: 0, to: 1 }),
  without: z.array(featureFlagSchema).default(['dead']),
})
export type FeatureSearch = z.output<typeof featureSearchSchema>

const rankedFeatureSchema = z.object({
  feature: count,
  /** z of the log-odds: how sure it is that the feature fires more often at and behind what was found than elsewhere. */
  score: z.number(),
  /** Its mean activation there as a share of its maximum. */
  reach: z.number(),
  /** Rows at the matches and up to four behind them in which it fires, and its share of all rows. */
  found: count,
  everywhere: z.number(),
  /** How many times as often it fires there. */
  lift: z.number(),
  density: z.number(),
  max: z.number(),
  /** Bits, see feature-flags.ts. */
  flags: z.number().int(),
  /** Its main token, which has most of its activation. */
  token: z.string(),
  label: z.string().nullable(),
  /** The best of the contexts that match in which it fires. */
  examples: z.array(exampleSchema),
})
export type RankedFeature = z.infer<typeof rankedFeatureSchema>

export const featureHitsSchema = z.object({
  /** The contexts that match, the best first, those that are not indexed included. */
  contexts: hitsSchema,
  /** Of each of them whether its codes are in the index. */
  indexed: z.array(z.boolean()),
  /** The features that fire more often there than elsewhere, dense ones last, by score times reach. */
  features: z.array(rankedFeatureSchema),
  /** So many of the best contexts that match and are indexed were compared, with so many rows at and behind the matches. */
  compared: count,
  rows: count,
  milliseconds: z.number(),
})
export type FeatureHits = z.infer<typeof featureHitsSchema>

/** A feature in a list of those with a label or a token. */
export const listedFeatureSchema = z.object({
  feature: count,
  density: z.number(),
  max: z.number(),
  flags: z.number().int(),
  token: z.string(),
  label: z.string().nullable(),
  /** What was asked for, in this feature: activation on the token as a share of all of it; for labels 1 for the best match. */
  share: z.number(),
})
export type ListedFeature = z.infer<typeof listedFeatureSchema>

/** A token that is the main one, or among the ten main ones, of features. */
export const strongTokenSchema = z.object({ id: z.number().int(), text: z.string(), features: count })
export type StrongToken = z.infer<typeof strongTokenSchema>
