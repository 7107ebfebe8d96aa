// The contract between the host and one compute process: it runs one job, probes one device, or holds one model.
import { z } from 'zod'
import { deviceSchema, numericsSchema, usableDeviceSchema } from '../devices.ts'
import { hubAccessSchema } from '../hub.ts'
import { artifactSchema, errorDataSchema, logLineSchema } from '../jobs/job.ts'
import { jobKindIdSchema } from '../jobs/kinds.ts'
import { progressSchema } from '../jobs/progress.ts'
import { modelComputeContract } from './compute-model.ts'
import { command, events, nothing } from './define.ts'

/** A device, and folders in which its process's loader shall look for libraries, too. */
const startSchema = z.object({ device: deviceSchema, libraryFolders: z.array(z.string()) })
export type StartOrder = z.infer<typeof startSchema>

/** What a job says while it runs, in order; `outcome` comes last. */
export const jobEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('log'), level: logLineSchema.shape.level, text: z.string() }),
  z.object({ type: z.literal('artifact'), artifact: artifactSchema }),
  /** What its kind shows while it runs. */
  z.object({ type: z.literal('detail'), detail: z.unknown() }),
  /** Asks the host to start a device in a process of its own; `job.deviceStarted` brings the answer. */
  z.object({ type: z.literal('start-device'), ...startSchema.shape }),
  z.object({
    type: z.literal('outcome'),
    outcome: z.discriminatedUnion('state', [
      z.object({ state: z.literal('done'), result: z.unknown() }),
      z.object({ state: z.enum(['paused', 'cancelled']) }),
      z.object({ state: z.literal('failed'), error: errorDataSchema }),
    ]),
  }),
])
export type JobEvent = z.infer<typeof jobEventSchema>
/** What is told of a job while it runs. */
export type JobReport = Exclude<JobEvent, { type: 'outcome' | 'start-device' }>

/** What a probe says while it runs; the last is `started`, `numerics` or `failed`. */
const probeEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('checking'), title: z.string() }),
  /** It calculates; nothing more was asked. */
  z.object({ type: z.literal('started') }),
  z.object({ type: z.literal('numerics'), numerics: numericsSchema }),
  /** The device does not work; in onnxruntime's words. */
  z.object({ type: z.literal('failed'), message: z.string() }),
])

export const computeContract = {
  ...modelComputeContract,
  /** Runs the job; its state is the last event, and everything else is a change. */
  'job.run': events(
    z.object({
      id: z.string(),
      kind: jobKindIdSchema,
      params: z.record(z.string(), z.unknown()),
      /** The job's own folder; what an earlier attempt left there is continued. */
      folder: z.string(),
      /** The folder of the workspace. */
      workspace: z.string(),
      /** For a kind that fetches from the Hub; the token is in no parameter, log or row. */
      hub: hubAccessSchema.nullable(),
      /** The devices it may use, the chosen one first; none for a kind that needs none. */
      devices: z.array(usableDeviceSchema),
    }),
    jobEventSchema,
  ),
  /** Asks the running job to stop after its current piece of work. */
  'job.stop': command(z.object({ as: z.enum(['paused', 'cancelled']) }), nothing),
  /** What came of the job's `start-device`: null, or why the device does not start. */
  'job.deviceStarted': command(z.object({ reason: z.string().nullable() }), nothing),
  /** Starts the device, and compares its `numbers` with the CPU's; a process that does this does nothing else. */
  'device.probe': events(z.object({ device: deviceSchema, numbers: z.boolean() }), probeEventSchema),
}
export type ComputeContract = typeof computeContract
