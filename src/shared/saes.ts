// The SAEs of a workspace as every process sees them, and how the training of one went.
import { z } from 'zod'
import { trainConfigSchema } from './sae.ts'

export const saeSchema = z.object({
  /** The name of its folder, and the id of the job that trained it. */
  id: z.string(),
  path: z.string(),
  /** `training`: its job is at it or waits; `stopped`: it is not finished; `damaged`: it cannot be read. */
  state: z.enum(['ready', 'training', 'stopped', 'damaged']),
  /** What is wrong, in a sentence; null when nothing is. */
  problem: z.string().nullable(),
  /** When it was finished, or began; in milliseconds since the epoch. */
  at: z.number(),
  bytes: z.number(),
  /** What was asked for; null for one from elsewhere. */
  config: trainConfigSchema.nullable(),
  /** Null until it is finished. */
  done: z
    .object({
      architecture: z.string(),
      /** D */
      directions: z.number().int(),
      /** F */
      features: z.number().int(),
      model: z.string().nullable(),
      hook: z.string().nullable(),
      /** On all validation rows; null without any. */
      validation: z.object({ fvu: z.number(), l0: z.number(), dead: z.number() }).nullable(),
      /** What the last evaluation found; null before the first. */
      evaluation: z.object({ ceRecovered: z.number(), kl: z.number() }).nullable(),
    })
    .nullable(),
})
export type SaeEntry = z.infer<typeof saeSchema>

/** What is drawn of training, by name. */
export const trainingSeries = [
  'loss',
  'recon',
  'penalty',
  'fvu',
  'l0',
  'dead',
  'shrinkage',
  'gradient',
  'rate',
  'warm',
  'rowsPerSecond',
  'validation.fvu',
  'validation.l0',
  'validation.dead',
  'validation.shrinkage',
] as const
export type TrainingSeries = (typeof trainingSeries)[number]

const numbers = z.instanceof(Float64Array)

export const trainingCurvesSchema = z.object({
  /** Steps that are done. */
  steps: z.number().int(),
  /** Each down-sampled by itself, so that its shape stays: steps, and values at them. */
  series: z.partialRecord(z.enum(trainingSeries), z.object({ step: numbers, value: numbers })),
  /** Features by density at the last validation: those that never fired, then quarters of powers of ten from 10⁻⁸ up. */
  densities: z.array(z.number()).nullable(),
})
export type TrainingCurves = z.infer<typeof trainingCurvesSchema>
