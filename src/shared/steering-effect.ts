// How much steering does: texts by strength with what it costs in fluency, and how often texts have what is wanted.
import { z } from 'zod'
import { count } from './schema-parts.ts'
import { interventionsSchema, steeredPromptSchema, steeringFactsSchema, STRIP_STRENGTHS } from './steering.ts'

const share = z.number().min(0).max(1)
const strengths = z.array(z.number().min(-20).max(20)).min(1).max(41)

/** Texts of a sweep or of a measurement have at most so many tokens each. */
const maxTokens = z.number().int().min(1).max(1_000).default(64)

export const sweepOrderSchema = steeredPromptSchema.extend({
  interventions: interventionsSchema.min(1),
  /** Which of them is swept. */
  slider: count.default(0),
  strengths: strengths.default([...STRIP_STRENGTHS]),
  maxTokens,
  /** Texts for each strength, each with a noise of its own, the same at all strengths. */
  samples: z.number().int().min(1).max(64).default(4),
})
export type SweepOrder = z.output<typeof sweepOrderSchema>

/** Means over the texts of one strength. */
export const sweepPointSchema = z.object({
  strength: z.number(),
  texts: z.array(z.string()),
  /**
   * Nats a token: KL of the steered model's distribution from the unsteered one's, both after the same steered text.
   * How much is done to the model, whatever the texts happen to be.
   */
  kl: z.number(),
  /** Of the texts, under the unsteered model, after the prompt. */
  perplexity: z.number(),
  /** Share of a text's words that are different ones. */
  distinct: share,
  /** Share of a text's runs of four words that were there before. */
  repeated: share,
  /** Mean activation of each pinned feature over the texts' tokens. */
  activations: z.array(z.number()),
})
export type SweepPoint = z.infer<typeof sweepPointSchema>

export const measureOrderSchema = steeredPromptSchema.omit({ prompt: true }).extend({
  prompts: z.array(z.string().min(1)).min(1).max(200),
  interventions: interventionsSchema.min(1),
  slider: count.default(0),
  strengths: strengths.default([0, 0.5, 1]),
  maxTokens,
  /** Texts for each prompt and strength, each with a noise of its own, the same at all strengths. */
  samples: z.number().int().min(1).max(1_000).default(20),
  /** What a text must have to count. */
  target: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('words'),
      /** Letter case does not matter. */
      words: z.array(z.string().min(1).max(100)).min(1).max(100_000),
      /** More than this share of its words must be among them; 0 asks for one. */
      above: share.default(0),
    }),
    z.object({
      kind: z.literal('feature'),
      feature: count,
      /** It must be above this at some token of the text. */
      threshold: z.number().min(0).default(0),
    }),
  ]),
  /** Count only texts that are fluent: half of their words different ones, and no run of four words twice. */
  fluent: z.boolean().default(false),
  /** Directions drawn by chance, of the same norm, that take the feature's place for comparison; each has a seed of its own. */
  randomSeeds: z.array(count).max(16).default([0]),
})
export type MeasureOrder = z.output<typeof measureOrderSchema>

/** Of how many texts how many had it, with Wilson's interval of 95 %. */
export const rateSchema = z.object({ texts: count, hits: count, rate: share, low: share, high: share })
export type Rate = z.infer<typeof rateSchema>

export const measurePointSchema = z.object({
  strength: z.number(),
  steered: rateSchema,
  /** By directions drawn by chance, all together; null without any, and at strength 0. */
  random: rateSchema.nullable(),
  /** One of the texts, and whether it counted. */
  example: z.object({ prompt: z.string(), text: z.string(), hit: z.boolean() }),
})
export type MeasurePoint = z.infer<typeof measurePointSchema>

/** What is told of a sweep while it runs, in order. */
export const sweepEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('facts'), facts: steeringFactsSchema }),
  z.object({ type: z.literal('progress'), done: count, total: count }),
  z.object({ type: z.literal('point'), point: sweepPointSchema }),
])
export type SweepEvent = z.infer<typeof sweepEventSchema>

/** The same of a measurement; `points` are those so far, over the texts that are there. */
export const measureEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('facts'), facts: steeringFactsSchema }),
  z.object({ type: z.literal('progress'), done: count, total: count }),
  z.object({ type: z.literal('points'), points: z.array(measurePointSchema) }),
])
export type MeasureEvent = z.infer<typeof measureEventSchema>

/** z of a two-sided interval of 95 %. */
const Z = 1.959963984540054

/** Wilson's score interval ("Probable inference, the law of succession, and statistical inference", 1927). */
export function rateOf(hits: number, texts: number): Rate {
  if (texts === 0) return { texts, hits, rate: 0, low: 0, high: 1 }
  const rate = hits / texts
  const spread = Z * Math.sqrt((rate * (1 - rate)) / texts + Z ** 2 / (4 * texts ** 2))
  const [middle, scale] = [rate + Z ** 2 / (2 * texts), 1 + Z ** 2 / texts]
  return {
    ...{ texts, hits, rate },
    low: Math.max(0, (middle - spread) / scale),
    high: Math.min(1, (middle + spread) / scale),
  }
}
