// Every kind of job: its validated parameters and result. A new kind is one entry beside its like and one runner in main/compute.
import { z } from 'zod'
import { featureKinds } from './feature-kinds.ts'
import { harvestKinds } from './harvest-kinds.ts'
import type { JobKind } from './kind.ts'
import { machineKinds } from './machine-kinds.ts'
import { modelKinds } from './model-kinds.ts'
import { reportKinds } from './report-kinds.ts'
import { saeKinds } from './sae-kinds.ts'

export const jobKinds = {
  ...machineKinds,
  ...modelKinds,
  ...harvestKinds,
  ...saeKinds,
  ...featureKinds,
  ...reportKinds,
}

export type JobKinds = typeof jobKinds
export type JobKindId = keyof JobKinds
export type JobParams<K extends JobKindId> = z.output<JobKinds[K]['params']>
export type JobResult<K extends JobKindId> = z.output<JobKinds[K]['result']>

/** A kind without knowing which: its parameters are whatever its schema says. */
export function kindOf(id: JobKindId): JobKind<z.ZodObject, z.ZodType> {
  return jobKinds[id]
}

export const jobKindIdSchema = z.enum(Object.keys(jobKinds) as [JobKindId, ...JobKindId[]])
