// Steering as every process sees it: what is done to which features, what a steered batch tells, and its units.
// Letters: D width of the model, P pinned features.
import { z } from 'zod'
import { expected } from './errors.ts'
import {
  completionSchema,
  endReasonSchema,
  generatedTokenSchema,
  knobsSchema,
  messageSchema,
  modelPrecisionSchema,
} from './generation.ts'

/**
 * How strongly a feature is steered where nobody says otherwise, in multiples of the mean residual norm at the hook.
 * About half of the typical norm is what worked on LLaMA 3.1 8B in a published study (November 2025).
 */
export const DEFAULT_STRENGTH = 0.5
/** Of the strip under the slider. */
export const STRIP_STRENGTHS: readonly number[] = [-2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2]
/** Beyond it nothing is left of any text. */
export const MOST_STRENGTH = 20

const feature = z.number().int().nonnegative()
const strength = z.number().min(-MOST_STRENGTH).max(MOST_STRENGTH)

/**
 * `add`: h + strength · norm · d/‖d‖, with d the feature's decoder row and norm the mean residual norm at the hook.
 * `clamp`: h + (v − f(h)) · d, with v the `value`, in the SAE's own units, or without one strength · norm/‖d‖.
 * `ablate`: as clamp to 0. All read the same h, the one that arrives at the hook.
 */
export const interventionSchema = z
  .object({
    feature,
    mode: z.enum(['add', 'clamp', 'ablate']).default('add'),
    /** Multiples of the mean residual norm at the hook. */
    strength: strength.default(DEFAULT_STRENGTH),
    /** What the feature is clamped at, in the SAE's own units; takes the place of the strength. */
    value: z.number().min(-1e6).max(1e6).optional(),
    /** Only at tokens where this feature is above the threshold. */
    where: z.object({ feature, threshold: z.number().min(0).max(1e6).default(0) }).optional(),
  })
  .refine(({ mode, value }) => value === undefined || mode === 'clamp', {
    message: 'Only a clamp has a value; what is added is a strength.',
    path: ['value'],
  })
export type Intervention = z.output<typeof interventionSchema>

/** All that is done to one text; nothing leaves it alone. */
export const interventionsSchema = z.array(interventionSchema).max(32)

/** Whose features, and in which model: an SAE (an id, a unique prefix of one, or a path), by default in the model it was made for. */
export const steeringPlaceSchema = z.object({
  sae: z.string().min(1),
  /** An id, a unique prefix of one, or the path of a checkpoint. */
  model: z.string().min(1).optional(),
  precision: modelPrecisionSchema,
  /** Take an SAE from elsewhere that says it is of a model with another name. */
  anyName: z.boolean().default(false),
})
export type SteeringPlace = z.output<typeof steeringPlaceSchema>

const promptSchema = z.union([z.string(), z.array(messageSchema).min(1)])

/** What all texts of a batch have in common. */
export const steeredPromptSchema = z.object({
  /** A text to continue, or a chat whose next message is wanted. */
  prompt: promptSchema,
  /** What the steered texts continue where that is another: a chat that has gone on differently. */
  steeredPrompt: promptSchema.optional(),
  sampling: completionSchema.shape.sampling,
  stream: completionSchema.shape.stream,
  maxTokens: knobsSchema.shape.maxTokens,
  stop: completionSchema.shape.stop,
  /** Whether special tokens are steered, too; by default they are in a text (its BOS), and are not in a chat. */
  special: z.boolean().optional(),
  /** Features whose activation is told at every token of every text. */
  pinned: z.array(feature).max(8).default([]),
})
export type SteeredPrompt = z.output<typeof steeredPromptSchema>

/** A prompt, and how the texts beside the unsteered one are steered, if any; all draw with the same noise. */
export const steeredBatchSchema = steeredPromptSchema.extend({
  rows: z.array(interventionsSchema).max(32),
})
export type SteeredBatch = z.output<typeof steeredBatchSchema>

/** Interventions of which one has several strengths, one text each. */
export const stripSchema = steeredPromptSchema.extend({
  interventions: interventionsSchema.min(1),
  /** Which of them the strengths are of. Of a clamp they take the place of its value. */
  slider: z.number().int().nonnegative().default(0),
  strengths: z
    .array(strength)
    .min(1)
    .max(31)
    .default([...STRIP_STRENGTHS]),
})

/** The interventions with this strength at the slider. */
export function withStrength(
  interventions: readonly Intervention[],
  slider: number,
  strength: number,
): Intervention[] {
  return interventions.map((intervention, place) => {
    if (place !== slider) return intervention
    const { value: _replaced, ...rest } = intervention
    return { ...rest, strength }
  })
}

/** Throws `steering/slider`. */
export function assertSlider(interventions: readonly Intervention[], slider: number): void {
  const chosen = interventions[slider]
  if (chosen && chosen.mode !== 'ablate') return
  throw expected(
    'steering/slider',
    chosen
      ? `Feature ${chosen.feature} is ablated, and has no strength.`
      : `There is no intervention ${slider}: there are ${interventions.length}, counted from 0.`,
    'Choose one that adds or clamps.',
  )
}

/** Where and in which units a batch is steered. */
export const steeringFactsSchema = z.object({
  /** How people know the model. */
  model: z.string(),
  hook: z.string(),
  /** F */
  features: z.number().int(),
  /** Mean residual norm at the hook, of tokens that are no special ones and no attention sinks. */
  norm: z.number(),
  /** The SAE's harvest, another harvest of the same place, the SAE's training, or sample texts that the model has just read. */
  normFrom: z.enum(['harvest', 'other-harvest', 'training', 'sample']),
  /**
   * How a feature's activation is read, for clamps, conditions and what is pinned: by the SAE's whole encoder as it was
   * trained, or by the thresholds that are stored with it (a batch's own choice cannot be made for one text).
   */
  reads: z.enum(['encoder', 'thresholds']),
})
export type SteeringFacts = z.infer<typeof steeringFactsSchema>

export const steeredTokenSchema = generatedTokenSchema.extend({
  /**
   * KL(p ‖ q) in nats: p the model's distribution of this token after this text so far, steered; q the unsteered model's
   * of the token at the same step, after the unsteered text so far. 0 for the unsteered text; null where that has
   * ended, or was not written beside it because its prompt is of another length.
   */
  kl: z.number().nullable(),
})

export const promptTokenSchema = z.object({
  id: z.number().int(),
  /** Of special tokens their content. */
  text: z.string(),
  special: z.boolean(),
})

/** What is told of a batch while it runs, in order; `done` comes last. Row 0 is the unsteered text. */
export const steeringEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('facts'), facts: steeringFactsSchema }),
  z.object({
    type: z.literal('prompt'),
    tokens: z.array(promptTokenSchema),
    /** How many tokens the steered texts continue: other ones in a chat that has gone on differently. */
    steered: z.number().int(),
  }),
  z.object({ type: z.literal('tokens'), row: z.number().int(), tokens: z.array(steeredTokenSchema) }),
  /**
   * Activations of the pinned features at the next tokens of a row, the prompt's first, each token's one after the other:
   * (tokens, P). They are of the stream as it arrives at the hook, so of the text alone, not of what is added to it.
   */
  z.object({ type: z.literal('reads'), row: z.number().int(), values: z.array(z.number()) }),
  z.object({ type: z.literal('end'), row: z.number().int(), reason: endReasonSchema }),
  z.object({
    type: z.literal('done'),
    /** Of all texts together, without the first token of each; null where there are no others. */
    tokensPerSecond: z.number().nullable(),
    /** Milliseconds until the first token of every text was there, without loading. */
    firstTokenMs: z.number(),
  }),
])
export type SteeringEvent = z.infer<typeof steeringEventSchema>
