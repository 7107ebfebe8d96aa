// Jobs that do nothing.
import { vi } from 'vitest'
import { Emitter } from '../../src/main/host/emitter.ts'
import type { JobChange } from '../../src/main/host/job-records.ts'
import { type ErrorData, expected } from '../../src/shared/errors.ts'
import type { Job } from '../../src/shared/jobs/job.ts'
import { isActive, isResumable, type JobState } from '../../src/shared/jobs/state.ts'
import { jobNamed } from './jobs.ts'

/** Jobs that a test ends as it likes; they outlive the demos of several hosts. */
export class FakeJobs {
  readonly changed = new Emitter<JobChange>()
  readonly all: Job[] = []

  start = (kind: string, params: Record<string, unknown>): Job => {
    const job = { ...jobNamed(`${kind}-${this.all.length}`), kind, params }
    this.all.push(job)
    return this.put(job, 'running')
  }
  resume = (id: string): Job => {
    const job = this.get(id)
    if (!isResumable(job.state)) throw new Error(`${id} is ${job.state}`)
    return this.put({ ...job, attempt: job.attempt + 1 }, 'running')
  }
  stop = vi.fn((id: string): Job => this.get(id))
  get = (id: string): Job => {
    const job = this.all.find((each) => each.id === id)
    if (!job) throw expected('jobs/unknown', 'There is none.')
    return job
  }
  end(state: JobState, error: ErrorData | null = null): void {
    this.put({ ...this.active, error, result: state === 'done' ? this.active.id : null }, state)
  }
  get active(): Job {
    return this.all.find(({ state }) => isActive(state))!
  }
  put(job: Job, state: JobState): Job {
    const changed = { ...job, state }
    this.all[this.all.findIndex(({ id }) => id === job.id)] = changed
    this.changed.emit({ type: 'put', job: changed })
    return changed
  }
}
