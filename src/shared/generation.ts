// What fixes a completion: the knobs of sampling, and the bounds of a text; form, flags and contract derive from it.
import { z } from 'zod'
import { field } from './config.ts'

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
  seed: field(
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(0),
    { label: 'Seed', help: 'The same seed, prompt and knobs give the same text.' },
  ),
})
export type Sampling = z.output<typeof samplingSchema>

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
