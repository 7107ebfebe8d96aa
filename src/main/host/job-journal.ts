// Writes what jobs do to the workspace database in batches; what cannot be written is kept and tried again.
import { toErrorData, type ErrorData } from '../../shared/errors.ts'
import type { Artifact, Job, LogLine, Sample } from '../../shared/jobs/job.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import { appendLog, LOG_LIMIT } from '../store/job-log.ts'
import { putArtifact, putJob } from '../store/job-rows.ts'
import { appendSamples } from '../store/job-samples.ts'

/** Milliseconds between two writes of what is merely recorded (logs, samples, progress). */
const INTERVAL = 1_000

interface Entries {
  row: { job: Job; pid: number | null } | undefined
  lines: LogLine[]
  samples: Sample[]
  artifacts: Artifact[]
}

export class JobJournal {
  readonly #db: WriteDb
  readonly #path: string
  readonly #onProblem: (error: ErrorData | null) => void
  readonly #pending = new Map<string, Entries>()
  #timer: NodeJS.Timeout | undefined
  #troubled = false

  /** `onProblem` hears when writing starts to fail, and null when it works again. */
  constructor(db: WriteDb, path: string, onProblem: (error: ErrorData | null) => void) {
    this.#db = db
    this.#path = path
    this.#onProblem = onProblem
  }

  put(job: Job, pid: number | null): void {
    this.#entries(job.id).row = { job, pid }
  }

  log(job: string, line: LogLine): void {
    const { lines } = this.#entries(job)
    lines.push(line)
    // a disk that stays full must not fill the memory
    if (lines.length > LOG_LIMIT) lines.shift()
  }

  sample(job: string, sample: Sample): void {
    this.#entries(job).samples.push(sample)
  }

  artifact(job: string, artifact: Artifact): void {
    this.#entries(job).artifacts.push(artifact)
  }

  /** A job whose row is not written yet. */
  unwrittenJob(job: string): Job | undefined {
    return this.#pending.get(job)?.row?.job
  }

  /** The lines of a job that are not written yet. */
  unwritten(job: string): readonly LogLine[] {
    return [...(this.#pending.get(job)?.lines ?? [])]
  }

  /** Forgets what is not written yet of a job that is being deleted. */
  forget(job: string): void {
    this.#pending.delete(job)
  }

  /** Writes everything now, in one transaction; throws `disk/…` and keeps it when that fails. */
  flush(): void {
    if (this.#pending.size === 0) return
    guarded(this.#path, () =>
      this.#db.transaction(() => {
        for (const [id, entries] of this.#pending) this.#write(id, entries)
      })(),
    )
    this.#pending.clear()
    if (!this.#troubled) return
    this.#troubled = false
    this.#onProblem(null)
  }

  /** As `flush`, but a failure is reported and tried again later. */
  tryFlush(): void {
    try {
      this.flush()
    } catch (error) {
      const isNew = !this.#troubled
      this.#troubled = true
      if (isNew) this.#onProblem(toErrorData(error))
      this.#later()
    }
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.tryFlush()
    clearTimeout(this.#timer)
  }

  #write(id: string, { row, lines, samples, artifacts }: Entries): void {
    if (row) putJob(this.#db, row.job, row.pid)
    appendLog(this.#db, id, lines)
    appendSamples(this.#db, id, samples)
    for (const artifact of artifacts) putArtifact(this.#db, id, artifact)
  }

  #entries(job: string): Entries {
    let entries = this.#pending.get(job)
    if (!entries) {
      entries = { row: undefined, lines: [], samples: [], artifacts: [] }
      this.#pending.set(job, entries)
    }
    this.#later()
    return entries
  }

  #later(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.tryFlush()
    }, INTERVAL)
  }
}
