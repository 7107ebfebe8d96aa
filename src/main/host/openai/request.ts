// What OpenAI's clients send, as far as it means something here; what would be ignored is refused.
import { z } from 'zod'
import { issueText } from '../../../shared/config.ts'
import { expected } from '../../../shared/errors.ts'
import { type Completion, knobsSchema, messageSchema, samplingSchema } from '../../../shared/generation.ts'
import { parseSteering } from '../../../shared/steer-text.ts'
import { interventionsSchema, steeringPlaceSchema } from '../../../shared/steering.ts'

const nothing = (what: string) => `${what} is not supported here`
/** Left out, or what means the same. */
const only = <T extends z.core.util.Literal>(value: T, what: string) =>
  z.literal(value, { error: nothing(what) }).nullish()

const steerSchema = z.strictObject({
  sae: steeringPlaceSchema.shape.sae,
  /** As it is typed ("123=0.8, clamp:45=6"), or as a list. */
  interventions: z.preprocess(
    (given) => (typeof given === 'string' ? parseSteering(given) : given),
    interventionsSchema,
  ),
  special: z.boolean().optional(),
  any_name: z.boolean().default(false),
})

const knobs = samplingSchema.shape
const common = {
  model: z.string().min(1),
  n: z.number().int().min(1).max(16).nullish(),
  temperature: knobs.temperature.unwrap().nullish(),
  top_p: knobs.topP.unwrap().nullish(),
  top_k: knobs.topK.unwrap().nullish(),
  min_p: knobs.minP.unwrap().nullish(),
  repetition_penalty: knobs.repetitionPenalty.unwrap().nullish(),
  seed: z
    .number()
    // OpenAI's seeds have 64 bits, more than "int" takes, and may be negative
    .refine(Number.isInteger, 'a whole number is needed')
    .transform((seed) => ((seed % 2 ** 32) + 2 ** 32) % 2 ** 32)
    .nullish(),
  max_tokens: knobsSchema.shape.maxTokens.unwrap().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).nullish(),
  steer: steerSchema.optional(),
  frequency_penalty: only(0, 'frequency_penalty (repetition_penalty is)'),
  presence_penalty: only(0, 'presence_penalty (repetition_penalty is)'),
  logit_bias: z.record(z.string(), z.never({ error: nothing('logit_bias') })).nullish(),
  // who asked is nobody's business
  user: z.string().nullish(),
}

const completionBody = z.strictObject({
  ...common,
  prompt: z.union([z.string(), z.tuple([z.string()]).transform(([prompt]) => prompt)], {
    error: 'one prompt at a time, as text',
  }),
  logprobs: z.number().int().min(0).max(1, nothing('more than the token itself')).nullish(),
  echo: only(false, 'echo'),
  best_of: only(1, 'best_of'),
  suffix: only('', 'suffix'),
})

const chatBody = z.strictObject({
  ...common,
  messages: z
    .array(
      messageSchema.extend({
        // what newer clients call it
        role: z
          .enum([...messageSchema.shape.role.options, 'developer'])
          .transform((role) => (role === 'developer' ? 'system' : role)),
        content: z.union([
          messageSchema.shape.content,
          z
            .array(z.object({ type: z.literal('text'), text: z.string() }))
            .transform((parts) => parts.map(({ text }) => text).join('')),
        ]),
      }),
    )
    .min(1),
  max_completion_tokens: common.max_tokens,
  logprobs: z.boolean().nullish(),
  top_logprobs: only(0, 'top_logprobs'),
  response_format: z.object({ type: z.literal('text', { error: nothing('any other format') }) }).nullish(),
  tools: z.array(z.never({ error: nothing('tools') })).nullish(),
  store: only(false, 'store'),
})

export interface ApiOrder {
  readonly kind: 'completion' | 'chat'
  readonly model: string
  readonly row: Omit<Completion, 'stream'>
  /** Texts that are wanted, each with a noise of its own. */
  readonly count: number
  readonly steer: z.output<typeof steerSchema> | undefined
  readonly stream: boolean
  readonly usage: boolean
  readonly logProbabilities: boolean
}

/** OpenAI's own defaults, where they differ from ours. */
const DEFAULTS = { temperature: 1, topP: 1, maxTokens: 16 }
/** A chat's message has no length of its own there; a model here ends at its context. */
const CHAT_TOKENS = 1_000

/** Throws `api/request`, `steering/text`. */
export function parseOrder(kind: ApiOrder['kind'], json: unknown): ApiOrder {
  const body = kind === 'chat' ? parsed(chatBody, json) : parsed(completionBody, json)
  const length = 'messages' in body ? (body.max_completion_tokens ?? body.max_tokens) : body.max_tokens
  const { steer, n } = body
  if (steer && (n ?? 1) > 1) {
    throw expected('api/request', 'n: a steered request gives one text.', 'Ask again with another seed.')
  }
  return {
    ...{ kind, model: body.model, steer, count: n ?? 1 },
    stream: body.stream ?? false,
    usage: body.stream_options?.include_usage ?? false,
    logProbabilities: body.logprobs !== undefined && body.logprobs !== null && body.logprobs !== false,
    row: {
      prompt: 'messages' in body ? body.messages : body.prompt,
      maxTokens: length ?? (kind === 'chat' ? CHAT_TOKENS : DEFAULTS.maxTokens),
      stop: [body.stop ?? []].flat().filter((text) => text !== ''),
      sampling: samplingSchema.parse({
        temperature: body.temperature ?? DEFAULTS.temperature,
        topP: body.top_p ?? DEFAULTS.topP,
        topK: body.top_k ?? undefined,
        minP: body.min_p ?? undefined,
        repetitionPenalty: body.repetition_penalty ?? undefined,
        // without one every answer is another
        seed: body.seed ?? Math.floor(Math.random() * 2 ** 32),
      }),
    },
  }
}

function parsed<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const result = schema.safeParse(json)
  if (result.success) return result.data
  throw expected('api/request', `${issueText(result.error)}.`, 'docs/steering.md lists what is understood.')
}
