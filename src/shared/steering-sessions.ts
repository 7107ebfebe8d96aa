// Steering sessions: a setup under a name, the history of what was generated with it, and the file it is shared as.
import { z } from 'zod'
import { endReasonSchema } from './generation.ts'
import {
  interventionsSchema,
  steeredPromptSchema,
  steeringFactsSchema,
  steeringPlaceSchema,
} from './steering.ts'

const text = (most: number) => z.string().max(most)

/** All that fixes a completion. */
export const steeringSetupSchema = steeringPlaceSchema
  .extend({ interventions: interventionsSchema })
  .extend(steeredPromptSchema.shape)
export type SteeringSetup = z.output<typeof steeringSetupSchema>

/** What came of a setup once. */
export const pastRunSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  setup: steeringSetupSchema,
  facts: steeringFactsSchema,
  /** The unsteered text first. */
  rows: z
    .array(
      z.object({ interventions: interventionsSchema, text: text(500_000), end: endReasonSchema.nullable() }),
    )
    .max(64),
})
export type PastRun = z.output<typeof pastRunSchema>

/** Characters of a session's name. */
export const LONGEST_NAME = 200
export const sessionNameSchema = z.string().trim().min(1).max(LONGEST_NAME)

/** As lists show it. */
export const sessionSummarySchema = z.object({
  id: z.string(),
  name: sessionNameSchema,
  createdAt: z.number(),
  changedAt: z.number(),
  sae: z.string(),
  /** Its beginning; of a chat of the last message. */
  prompt: z.string(),
  interventions: interventionsSchema,
  /** Runs in its history. */
  runs: z.number().int(),
})
export type SessionSummary = z.infer<typeof sessionSummarySchema>

export const sessionSchema = z.object({
  id: z.string(),
  name: sessionNameSchema,
  createdAt: z.number(),
  changedAt: z.number(),
  setup: steeringSetupSchema,
  /** The newest first, with the id by which it is removed. */
  history: z.array(pastRunSchema.extend({ id: z.number().int() })),
})
export type SteeringSession = z.output<typeof sessionSchema>

/** Runs that are kept of a session; the oldest goes when there are more. */
export const MOST_RUNS = 200

/** The file a session is shared as. */
export const sessionFileSchema = z.object({
  format: z.literal(1),
  kind: z.literal('steering-session'),
  name: sessionNameSchema,
  setup: steeringSetupSchema,
  /** The newest first. */
  history: z.array(pastRunSchema).max(MOST_RUNS),
})
export type SessionFile = z.output<typeof sessionFileSchema>

/** Characters of the largest file that is read. */
export const MOST_SESSION_FILE = 64e6

/** Words for one list of a target, as they come with the app. */
export const steeringSetSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** What it is for, in a sentence. */
  help: z.string(),
  prompts: z.array(z.string()),
  /** What a text is looked through for, each list by its name. */
  targets: z.array(z.object({ name: z.string(), words: z.array(z.string()) })),
})
export type SteeringSet = z.infer<typeof steeringSetSchema>
