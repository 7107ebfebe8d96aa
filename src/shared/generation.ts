// What fixes a completion: the knobs of sampling, and the bounds of a text; form, flags and contract derive from it.
import { z } from 'zod'
import { field } from './config.ts'
import { seed } from './schema-parts.ts'

export const samplingSchema = z.object({
  temperature: field(z.number().min(0).max(10).default(0.8), {
    label: 'Temperature',
    help: '0 always takes the most probable token; higher values make improbable ones more likely.',
  }),
  topK: field(z.number().int().min(0).default(0), {
    label: 'Top-k',
    help: 'Only so many of the most probable tokens are drawn from; 0 leaves none out.',
    unit: 'tokens',
  }),
  topP: field(z.number().gt(0).max(1).default(0.95), {
    label: 'Top-p',
    help: 'Only the most probable tokens are drawn from that together have this probability; 1 leaves none out.',
  }),
  minP: field(z.number().min(0).max(1).default(0), {
    label: 'Min-p',
    help: 'Tokens less probable than this share of the most probable one are left out.',
  }),
  repetitionPenalty: field(z.number().gt(0).max(10).default(1), {
    label: 'Repetition penalty',
    help: 'Above 1, tokens that the text already has become less likely.',
  }),
  seed: field(seed.default(0), {
    label: 'Seed',
    help: 'The same seed, prompt and knobs give the same text.',
  }),
})
export type Sampling = z.output<typeof samplingSchema>

/** What a person sets: the sampling, and how long the text may be. */
export const knobsSchema = samplingSchema.extend({
  maxTokens: field(z.number().int().min(1).max(100_000).default(200), {
    label: 'Most tokens',
    help: 'The text ends after so many tokens, if nothing ends it before.',
    unit: 'tokens',
  }),
})

/** What a model is computed in: as suits the device, or with weights of few bits, which only the CPU does. */
export const modelPrecisionSchema = z.enum(['auto', 'int4']).default('auto')
export type ModelPrecision = z.output<typeof modelPrecisionSchema>

export const messageSchema = z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })
/** One turn of a chat. */
export type Message = z.output<typeof messageSchema>

export const generatedTokenSchema = z.object({
  id: z.number().int(),
  /** Empty for special tokens, and for those whose character a later token completes. */
  text: z.string(),
  /** Natural logarithm of its probability in the model's own distribution, whatever the knobs are. */
  logProbability: z.number(),
})
export type GeneratedToken = z.output<typeof generatedTokenSchema>

/** A token that ends texts; a stop string; the length that was asked for; the end of the model's context. */
export const endReasonSchema = z.enum(['eos', 'stop', 'length', 'context'])
export type EndReason = z.output<typeof endReasonSchema>

/** A completion as it is asked for, by the page, the command line and the host alike. */
export const completionSchema = z.object({
  /** A text to continue, or a chat whose next message is wanted. */
  prompt: z.union([z.string(), z.array(messageSchema).min(1)]),
  sampling: samplingSchema.prefault({}),
  /** Which noise of the seed it draws with: completions with one seed and stream draw alike, step by step. */
  stream: seed.default(0),
  maxTokens: knobsSchema.shape.maxTokens,
  /** Each ends the text before it. */
  stop: z.array(z.string().min(1)).max(16).default([]),
})

export type Completion = z.output<typeof completionSchema>

/** One batch: every row is a completion of its own. */
export const rowsSchema = z.array(completionSchema).min(1).max(64)

/** What is told of a batch while it runs, in order; `done` comes last. */
export const generationEventSchema = z.discriminatedUnion('type', [
  /** Tokens of each row's prompt, special ones included. */
  z.object({ type: z.literal('prompt'), tokens: z.array(z.number().int()) }),
  z.object({ type: z.literal('tokens'), row: z.number().int(), tokens: z.array(generatedTokenSchema) }),
  z.object({ type: z.literal('end'), row: z.number().int(), reason: endReasonSchema }),
  z.object({
    type: z.literal('done'),
    /** Of all rows together, without the first of each, whose time is that of the prompt; null where there are no others. */
    tokensPerSecond: z.number().nullable(),
  }),
])
export type GenerationEvent = z.output<typeof generationEventSchema>

const alternativeSchema = z.object({ id: z.number().int(), text: z.string(), logProbability: z.number() })

export const analysisSchema = z.object({
  tokens: z.array(
    z.object({
      id: z.number().int(),
      /** What the token stands for; U+FFFD where it is part of a character. */
      text: z.string(),
      /** Where it lies in the text, in UTF-16 units; empty for a token that was put before it. */
      start: z.number().int(),
      end: z.number().int(),
      /** Natural logarithm of its probability after the tokens before it; null for the first. */
      logProbability: z.number().nullable(),
      /** The most probable tokens in its place, the most probable first; none for the first. */
      alternatives: z.array(alternativeSchema),
    }),
  ),
  layers: z.number().int(),
  /** (layers + 1, tokens): norm of the residual stream, as it enters the first block and behind each block. */
  norms: z.instanceof(Float32Array),
  /** Tokens at the end of the text that were left out, because it is too long. */
  leftOut: z.number().int(),
})
export type Analysis = z.output<typeof analysisSchema>
