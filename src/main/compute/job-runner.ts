// What a kind of job has to provide, and what it is given: parameters, a folder, and ways to report.
import type { Device, UsableDevice } from '../../shared/devices.ts'
import type { JobKindId, JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import type { Artifact, LogLine } from '../../shared/jobs/job.ts'
import type { HubAccess } from '../../shared/hub.ts'
import type { Workspace } from '../store/workspace.ts'
import type { ProgressMeter } from './meter.ts'

/** How a job was asked to stop. */
export type StopState = 'paused' | 'cancelled'

/** Thrown by `checkpoint()` when the job was asked to stop; everything complete is on disk by then. */
export class Stopped extends Error {
  readonly as: StopState
  constructor(as: StopState) {
    super(`Stopped as ${as}.`)
    this.as = as
  }
}

export interface JobContext {
  /** The job's own folder; what an earlier attempt left complete there is continued. */
  readonly folder: string
  /** Paths of the workspace; a job writes into its artifact's folder only. */
  readonly workspace: Workspace
  /** Where models are fetched from; null for a kind that fetches none. */
  readonly hub: HubAccess | null
  /** What its work may run on, the chosen device first. */
  readonly devices: readonly UsableDevice[]
  readonly progress: ProgressMeter
  /** Call between pieces of work, when all that is complete is safe on disk. Lets other work run. */
  checkpoint(): Promise<void>
  /** True once the job should stop; for loops that must tidy up before their next `checkpoint()`. */
  readonly stopping: boolean
  log(level: LogLine['level'], text: string): void
  artifact(artifact: Artifact): void
  /** What its kind shows while it runs; only the newest is kept, and nothing of it after the host has ended. */
  show(detail: unknown): void
  /**
   * Starts a device in a process of its own, whose loader looks in `libraryFolders`, too; null, or why it does not
   * start. One at a time.
   */
  readonly startDevice: (device: Device, libraryFolders: readonly string[]) => Promise<string | null>
}

/** Does the work of one kind of job and returns its result. */
export type JobRunner<K extends JobKindId> = (
  params: JobParams<K>,
  context: JobContext,
) => Promise<JobResult<K>>

/** One runner for each kind: a missing one does not compile. */
export type JobRunners = { readonly [K in JobKindId]: JobRunner<K> }

/** Aborts once the job should stop, also while nothing arrives; `end` it with the work. */
export function stopSignal(context: Pick<JobContext, 'stopping'>): { signal: AbortSignal; end(): void } {
  const controller = new AbortController()
  const timer = setInterval(() => context.stopping && controller.abort(), 200)
  return { signal: controller.signal, end: () => clearInterval(timer) }
}
