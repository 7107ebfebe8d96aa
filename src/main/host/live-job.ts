// A job that is queued or running in this host: its process while it has one, and its crashes.
import type { Job } from '../../shared/jobs/job.ts'
import type { JobRecords, Telling } from './job-records.ts'
import { JobRun, type RunEnd, type RunOptions } from './job-run.ts'

export class LiveJob implements Telling {
  job: Job
  lastLine: number
  /** Crashes in a row without a person stepping in. */
  crashes = 0
  #run: JobRun | undefined
  /** Set while it waits for its next automatic attempt. */
  #retry: NodeJS.Timeout | undefined

  constructor(job: Job, lastLine: number) {
    this.job = job
    this.lastLine = lastLine
  }

  get run(): JobRun | undefined {
    return this.#run
  }

  get waits(): boolean {
    return this.#retry !== undefined
  }

  /** Runs it once, noting what it tells; resolves to how that ended. */
  async attempt(records: JobRecords, options: RunOptions): Promise<RunEnd> {
    this.job = {
      ...this.job,
      state: 'running',
      attempt: this.job.attempt + 1,
      startedAt: this.job.startedAt ?? Date.now(),
      progress: { phase: 'waiting' },
      error: null,
    }
    this.#run = new JobRun(
      this.job,
      {
        event: (event) => records.event(this, event, this.#run?.pid ?? null),
        sample: (sample, peakRss) => records.sample(this, sample, peakRss),
      },
      options,
    )
    records.put(this.job, this.#run.pid)
    const end = await this.#run.ended
    this.#run = undefined
    return end
  }

  /** Leaves it alone for `delay` milliseconds. */
  wait(delay: number, then: () => void): void {
    this.#retry = setTimeout(() => {
      this.#retry = undefined
      then()
    }, delay)
  }

  /** It waits for nothing any more. */
  rest(): void {
    clearTimeout(this.#retry)
  }
}
