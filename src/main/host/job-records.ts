// What jobs tell while they are under way: written down, and passed on to whoever listens.
import type { JobReport } from '../../shared/contract/compute.ts'
import type { Job, LogLine, Sample } from '../../shared/jobs/job.ts'
import { Emitter } from './emitter.ts'
import type { JobJournal } from './job-journal.ts'

export type JobChange = { type: 'put'; job: Job } | { type: 'removed'; id: string }

/** A job as it is now, and the number of its last line. */
export interface Telling {
  job: Job
  lastLine: number
}

export class JobRecords {
  readonly changed = new Emitter<JobChange>()
  readonly logged = new Emitter<{ id: string; line: LogLine }>()
  readonly sampled = new Emitter<{ id: string; sample: Sample }>()
  readonly detailed = new Emitter<{ id: string; detail: unknown }>()
  readonly #journal: JobJournal
  /** The newest of each job that told one. */
  readonly #details = new Map<string, unknown>()

  constructor(journal: JobJournal) {
    this.#journal = journal
  }

  put(job: Job, pid: number | null): void {
    this.#journal.put(job, pid)
    this.#journal.tryFlush()
    this.changed.emit({ type: 'put', job })
  }

  /** It is deleted. */
  remove(id: string): void {
    this.#details.delete(id)
    this.#journal.forget(id)
    this.changed.emit({ type: 'removed', id })
  }

  /** What the job shows of its kind; undefined when it has told nothing since the host began. */
  detail(id: string): unknown {
    return this.#details.get(id)
  }

  /** Of the process `pid`. */
  event(of: Telling, event: JobReport, pid: number | null): void {
    switch (event.type) {
      case 'progress':
        of.job = { ...of.job, progress: event.progress }
        this.#journal.put(of.job, pid)
        return this.changed.emit({ type: 'put', job: of.job })
      case 'detail':
        this.#details.set(of.job.id, event.detail)
        return this.detailed.emit({ id: of.job.id, detail: event.detail })
      case 'log':
        return this.log(of, event.level, event.text)
      case 'artifact': {
        const { artifact } = event
        const others = of.job.artifacts.filter(({ path }) => path !== artifact.path)
        of.job = { ...of.job, artifacts: [...others, artifact] }
        this.#journal.artifact(of.job.id, artifact)
        return this.changed.emit({ type: 'put', job: of.job })
      }
    }
  }

  sample(of: Telling, sample: Sample, peakRss: number): void {
    of.job = { ...of.job, peakRss: Math.max(of.job.peakRss, peakRss, sample.rss ?? 0) }
    this.#journal.sample(of.job.id, sample)
    this.sampled.emit({ id: of.job.id, sample })
  }

  log(of: Telling, level: LogLine['level'], text: string): void {
    const line: LogLine = { seq: ++of.lastLine, at: Date.now(), level, text }
    this.#journal.log(of.job.id, line)
    this.logged.emit({ id: of.job.id, line })
  }
}
