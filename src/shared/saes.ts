// The SAEs of a workspace as every process sees them, and how the training of one went.
import { z } from 'zod'
import { providerSchema } from './devices.ts'
import { trainConfigSchema } from './sae.ts'
import { findingSchema } from './sae-findings.ts'

export const saeSchema = z.object({
  /** The name of its folder, and the id of the job that trained it (of a sweep with a number behind it). */
  id: z.string(),
  path: z.string(),
  /** `training`, `importing`: its job is at it or waits; `stopped`: it is not finished; `damaged`: it cannot be read. */
  state: z.enum(['ready', 'training', 'importing', 'stopped', 'damaged']),
  /** What is wrong, in a sentence; null when nothing is. */
  problem: z.string().nullable(),
  /** When it was finished, or began; in milliseconds since the epoch. */
  at: z.number(),
  bytes: z.number(),
  /** What was asked for, as if it were trained alone; null for one from elsewhere. */
  config: trainConfigSchema.nullable(),
  /** Of one trained beside others on the same rows; null for one alone. */
  sweep: z
    .object({
      job: z.string(),
      /** What was swept: "k=16,24,32"; and which of them it is: "k = 16". */
      of: z.string(),
      name: z.string(),
      /** Ids of all of them, in the order of the values. */
      members: z.array(z.string()),
    })
    .nullable(),
  /** What it is called, which layout its folder had, and where that was; null for one that was not imported. */
  origin: z.object({ name: z.string(), format: z.string(), from: z.string() }).nullable(),
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

export const checkpointSchema = z.object({
  /** Steps that were done. */
  step: z.number().int(),
  /** When it was written; in milliseconds since the epoch. */
  at: z.number(),
  bytes: z.number(),
  path: z.string(),
})
export type SaeCheckpoint = z.infer<typeof checkpointSchema>

/** On all validation rows, as `evaluationSchema` has them; null for a harvest without any. */
const trainedFigures = {
  fvu: z.number().nullable(),
  l0: z.number().nullable(),
  deadShare: z.number().nullable(),
  /** Jobs of before do not say these three. */
  explainedVariance: z.number().nullable().optional(),
  cosine: z.number().nullable().optional(),
  shrinkage: z.number().nullable().optional(),
  /** What the doctor found at the end; jobs of before do not say it. */
  findings: z.array(findingSchema).optional(),
}

/** What a training job ends with. */
export const trainResultSchema = z.object({
  /** Of a sweep: the job's id, with which those of its members begin, and the folder they lie in. */
  id: z.string(),
  path: z.string(),
  steps: z.number().int(),
  bytes: z.number(),
  /** Null for a sweep, whose members have their own. */
  ...trainedFigures,
  /** Rows, of the last attempt. */
  tokensPerSecond: z.number(),
  /** Share of the time in which rows were waited for. */
  waitingShare: z.number(),
  /** Of a sweep, in its order; named as "k = 16". */
  members: z
    .array(z.object({ id: z.string(), path: z.string(), name: z.string().nullable(), ...trainedFigures }))
    .optional(),
})

/** What every step tells. */
export const stepColumns = [
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
  /** Share of the time in which rows were waited for. */
  'waiting',
] as const

/** What is drawn of training, by name. */
export const trainingSeries = [
  ...stepColumns,
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

/** What a training would take where heavy work runs now, by the functions its job asks. */
export const trainingPlanSchema = z.object({
  device: z.object({ name: z.string(), provider: providerSchema }),
  /** Bytes it may use: of RAM what is free, of a GPU's own memory nine tenths; null when nothing tells. */
  memory: z.number().nullable(),
  steps: z.number().int(),
  /** B, rows a step. */
  batch: z.number().int(),
  /** K: the state crosses to the device and back once in so many steps. */
  stepsPerRun: z.number().int(),
  /** Of Adam's moments. */
  moments: z.enum(['float32', 'float16']),
  /** SAEs that are trained side by side. */
  members: z.number().int(),
  bytes: z.object({
    /** Parameters and moments of one SAE, once. */
    state: z.number(),
    /** The state as often as a run holds it; this and what follows of all members. */
    states: z.number(),
    gradients: z.number(),
    activations: z.number(),
    /** Rows of the steps of a run. */
    rows: z.number(),
    /** The model that makes rows live, with its pool. */
    beside: z.number(),
    total: z.number(),
  }),
  /** Share of the time that moves the state to the device and back; null where the device was not measured. */
  transferShare: z.number().nullable(),
  /** `basis` says in a sentence where it comes from; null where nothing tells. */
  time: z.object({ seconds: z.number(), basis: z.string() }).nullable(),
  /** Why its job would refuse it, with the widest SAE that fits (0: none); null when it fits. */
  refusal: z
    .object({ code: z.string(), message: z.string(), hint: z.string(), widest: z.number().int() })
    .nullable(),
})
export type TrainingPlan = z.infer<typeof trainingPlanSchema>
