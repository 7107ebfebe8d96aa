// A job as every process sees it: the row, its log lines, and the time series of what it used.
import { z } from 'zod'
import { progressSchema } from './progress.ts'
import { jobStateSchema } from './state.ts'

export const errorDataSchema = z.object({
  kind: z.enum(['cancelled', 'expected', 'bug']),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  cause: z.string().optional(),
})

export const artifactSchema = z.object({
  /** What it is: "checksums", "harvest", "report". */
  kind: z.string(),
  path: z.string(),
  bytes: z.number().nonnegative(),
})
export type Artifact = z.infer<typeof artifactSchema>

/** Times are milliseconds since the epoch, memory is bytes. */
export const jobSchema = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  params: z.record(z.string(), z.unknown()),
  state: jobStateSchema,
  progress: progressSchema,
  /** 1 for the first start; each resume or automatic retry adds one; 0 before it started. */
  attempt: z.number().int().nonnegative(),
  createdAt: z.number(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
  peakRss: z.number().nonnegative(),
  /** Why it stopped, when it did not end well. */
  error: errorDataSchema.nullable(),
  result: z.unknown(),
  artifacts: z.array(artifactSchema),
})
export type Job = z.infer<typeof jobSchema>

export const logLineSchema = z.object({
  seq: z.number().int(),
  at: z.number(),
  level: z.enum(['info', 'warn', 'error']),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

/**
 * One look at what a job and the machine use, about once a second. Memory in bytes, CPU in percent of one core
 * (200 = two cores busy), disk in bytes a second, temperature in °C, power in watts; null where nothing answers.
 */
export const sampleSchema = z.object({
  at: z.number(),
  rss: z.number().nullable(),
  cpu: z.number().nullable(),
  diskRead: z.number().nullable(),
  diskWrite: z.number().nullable(),
  vram: z.number().nullable(),
  gpuUse: z.number().nullable(),
  gpuTemperature: z.number().nullable(),
  gpuPower: z.number().nullable(),
  machineMemoryUsed: z.number().nullable(),
  machineMemoryTotal: z.number().nullable(),
  machineCpu: z.number().nullable(),
  machineVramUsed: z.number().nullable(),
  machineVramTotal: z.number().nullable(),
})
export type Sample = z.infer<typeof sampleSchema>
