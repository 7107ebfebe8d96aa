// All jobs of a workspace: the queue, who runs, how each ended, and what may be done with it next.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../../shared/contract/settings.ts'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { Job, LogLine } from '../../shared/jobs/job.ts'
import type { JobKindId } from '../../shared/jobs/kinds.ts'
import { isActive, isResumable, type JobState, mayFollow } from '../../shared/jobs/state.ts'
import type { StopState } from '../compute/job-runner.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import { folderBytes, removeFolder } from '../store/folder.ts'
import { ioError } from '../store/io-error.ts'
import { lastLogLine } from '../store/job-log.ts'
import { activeJobs, deleteJob, findJob, listJobs } from '../store/job-rows.ts'
import type { Workspace } from '../store/workspace.ts'
import { closed, hostDied, killed, wrongState } from './job-errors.ts'
import { JobJournal } from './job-journal.ts'
import { JobRecords } from './job-records.ts'
import type { RunEnd, Supplies } from './job-run.ts'
import type { LaunchCompute } from './launcher.ts'
import { LiveJob } from './live-job.ts'
import type { MachineWatch } from './machine-watch.ts'
import { newJob } from './new-job.ts'
import { endOrphan } from './orphans.ts'
import { crashLoop, retryDelay } from './retry.ts'

export interface JobsOptions {
  readonly db: WriteDb
  readonly workspace: Workspace
  readonly launch: LaunchCompute
  readonly machine: MachineWatch
  readonly supplies: Supplies
  readonly settings: () => Settings
  readonly onProblem: (error: ErrorData | null) => void
  /** What a job leaves outside its folder when it is deleted unfinished. */
  readonly left: {
    bytes(job: Job): Promise<number>
    /** Removes it; resolves to the bytes that freed. */
    discard(job: Job): Promise<number>
  }
  /** See `RunOptions`. */
  readonly frozenAfter?: number
}

export class Jobs {
  readonly #options: JobsOptions
  readonly #journal: JobJournal
  readonly #records: JobRecords
  readonly #live = new Map<string, LiveJob>()
  #closing = false

  constructor(options: JobsOptions) {
    this.#options = options
    this.#journal = new JobJournal(options.db, options.workspace.database, (problem) =>
      this.#trouble(problem),
    )
    this.#records = new JobRecords(this.#journal)
    this.#recover()
  }

  get changed(): JobRecords['changed'] {
    return this.#records.changed
  }

  get logged(): JobRecords['logged'] {
    return this.#records.logged
  }

  get sampled(): JobRecords['sampled'] {
    return this.#records.sampled
  }

  get detailed(): JobRecords['detailed'] {
    return this.#records.detailed
  }

  /** Makes a job and queues it; throws `jobs/params`. */
  start(kind: JobKindId, params: Record<string, unknown>): Job {
    const job = newJob(kind, params)
    this.#journal.put(job, null)
    try {
      // a job that cannot be recorded is not begun
      this.#journal.flush()
    } catch (error) {
      this.#journal.forget(job.id)
      throw error
    }
    this.#enqueue(job)
    return job
  }

  /** Stops it with what is complete kept; a queued one at once. */
  stop(id: string, as: StopState): Job {
    const job = this.get(id)
    const live = this.#live.get(job.id)
    if (live?.run) {
      live.run.stop(as, this.#options.settings().stopGrace * 1_000)
      return job
    }
    // one that waits cannot be paused: it has nothing under way
    return this.#settle(job, 'cancelled')
  }

  /** Ends its process now. */
  kill(id: string): Job {
    const job = this.get(id)
    const live = this.#live.get(job.id)
    if (!live?.run) throw wrongState(job, 'has no process to end')
    live.run.kill()
    return job
  }

  /** Queues it again; it continues from its last complete piece of work. */
  resume(id: string): Job {
    const job = this.get(id)
    if (!isResumable(job.state)) throw wrongState(job, 'cannot be resumed')
    return this.#enqueue({
      ...{ ...job, state: 'queued', error: null, endedAt: null },
      progress: { phase: 'waiting' },
    })
  }

  /** Removes it with its folder and what it left unfinished elsewhere; resolves to the bytes that freed. */
  async delete(id: string): Promise<number> {
    const job = this.get(id)
    if (isActive(job.state)) throw wrongState(job, 'must be cancelled before it can be deleted')
    const freed = (await this.#options.left.discard(job)) + (await removeFolder(this.#folder(job.id)))
    guarded(this.#options.workspace.database, () => deleteJob(this.#options.db, job.id))
    this.#records.remove(job.id)
    return freed
  }

  /** Bytes that deleting it would free. */
  async size(id: string): Promise<number> {
    const job = this.get(id)
    return (await this.#options.left.bytes(job)) + (await folderBytes(this.#folder(job.id)))
  }

  /** By id or unique prefix; throws `jobs/unknown`, `jobs/ambiguous`. */
  get(id: string): Job {
    return this.#newest(findJob(this.#options.db, id))
  }

  /** The newest `limit`, newest first. */
  list(limit: number): Job[] {
    return listJobs(this.#options.db, limit).map((job) => this.#newest(job))
  }

  /** What the job shows of its kind; undefined when it has told nothing since the host began. */
  detail(id: string): unknown {
    return this.#records.detail(id)
  }

  /** Writes what is only in memory, so that reads of the database see it; the log lines that could not be. */
  flush(id: string): readonly LogLine[] {
    this.#journal.tryFlush()
    return this.#journal.unwritten(id)
  }

  /** Starts what was waiting when there is room for it, e.g. after the settings changed. */
  schedule(): void {
    if (this.#closing) return
    const running = [...this.#live.values()].filter((live) => live.run).length
    let room = this.#options.settings().concurrentJobs - running
    for (const live of this.#live.values()) {
      if (room <= 0) return
      if (live.run || live.waits) continue
      room--
      void this.#attempt(live)
    }
  }

  /** Stops everything that runs, within `grace` milliseconds, and leaves it resumable. */
  async close(grace: number): Promise<void> {
    this.#closing = true
    const runs = [...this.#live.values()].flatMap((live) => {
      live.rest()
      return live.run ? [live.run] : []
    })
    for (const run of runs) run.stop('paused', grace)
    await Promise.all(runs.map((run) => run.ended))
    // the attempts that just ended note it in their own turn
    await new Promise((resolve) => setImmediate(resolve))
    for (const live of [...this.#live.values()]) this.#settle(live.job, 'interrupted', closed())
    this.#journal.close()
  }

  /** What a host that died left behind: nothing runs any more, and nothing starts unasked. */
  #recover(): void {
    for (const { job, pid } of activeJobs(this.#options.db)) {
      if (pid !== null && endOrphan(pid, job.id)) {
        this.#records.log(
          { job, lastLine: lastLogLine(this.#options.db, job.id) },
          'warn',
          'Ended its process, which had outlived Monoscope.',
        )
      }
      this.#settle(job, 'interrupted', hostDied(job.state))
    }
    this.#journal.tryFlush()
  }

  #enqueue(job: Job): Job {
    const unwritten = this.#journal.unwritten(job.id).at(-1)
    const lastLine = unwritten?.seq ?? lastLogLine(this.#options.db, job.id)
    this.#live.set(job.id, new LiveJob(job, lastLine))
    this.#records.put(job, null)
    // the caller gets the queued job before it runs
    setImmediate(() => this.schedule())
    return job
  }

  async #attempt(live: LiveJob): Promise<void> {
    const folder = this.#folder(live.job.id)
    try {
      mkdirSync(folder, { recursive: true })
    } catch (error) {
      this.#records.put((live.job = { ...live.job, state: 'running' }), null)
      return void this.#settle(live.job, 'failed', toErrorData(ioError(error, folder)))
    }
    const { workspace, launch, machine, supplies, frozenAfter } = this.#options
    const end = await live.attempt(this.#records, {
      ...{ launch, machine, supplies, folder, workspace: workspace.path },
      ...(frozenAfter !== undefined && { frozenAfter }),
    })
    this.#concluded(live, end)
    this.schedule()
  }

  #concluded(live: LiveJob, end: RunEnd): void {
    const { job } = live
    if (this.#closing && end.how !== 'died' && !(end.how === 'outcome' && end.outcome.state === 'done'))
      return
    switch (end.how) {
      case 'killed':
        return void this.#settle(job, 'interrupted', killed())
      case 'stopped':
        return void this.#settle(job, end.as)
      case 'died':
        return this.#died(live, end.error)
      case 'outcome': {
        const { outcome } = end
        if (outcome.state === 'done') {
          live.job = { ...job, result: outcome.result, progress: { phase: 'finished' } }
          return void this.#settle(live.job, 'done')
        }
        return void this.#settle(job, outcome.state, outcome.state === 'failed' ? outcome.error : null)
      }
    }
  }

  /** A crash is tried again after a pause that grows; everything else waits for a person. */
  #died(live: LiveJob, error: ErrorData): void {
    this.#records.log(live, 'error', error.message)
    const { retries } = this.#options.settings()
    const worthIt = error.code === 'job/crashed' || error.code === 'job/frozen'
    if (!worthIt || this.#closing || live.crashes >= retries) {
      const final = worthIt && live.crashes > 0 ? crashLoop(error, live.crashes) : error
      this.#settle(live.job, 'interrupted', final)
      return
    }
    live.crashes++
    const delay = retryDelay(live.crashes)
    this.#records.log(live, 'warn', `Restart ${live.crashes} of ${retries} in ${delay / 1000} s.`)
    live.job = { ...live.job, state: 'queued', error }
    this.#records.put(live.job, null)
    live.wait(delay, () => this.schedule())
  }

  /** Says in the log of each job under way that nothing can be recorded, and when it can again. */
  #trouble(problem: ErrorData | null): void {
    for (const live of this.#live.values()) {
      if (problem) this.#records.log(live, 'warn', [problem.message, problem.hint].join(' '))
      else this.#records.log(live, 'info', 'The workspace can be written to again.')
    }
    this.#options.onProblem(problem)
  }

  /** Brings a job to rest in `state`. */
  #settle(job: Job, state: JobState, error: ErrorData | null = null): Job {
    if (!mayFollow(job.state, state)) throw wrongState(job, `cannot become ${state}`)
    const settled: Job = { ...job, state, error, endedAt: Date.now() }
    this.#live.get(job.id)?.rest()
    this.#live.delete(job.id)
    this.#records.put(settled, null)
    return settled
  }

  /** A job as it is, which a disk that is full does not know. */
  #newest(job: Job): Job {
    return this.#live.get(job.id)?.job ?? this.#journal.unwrittenJob(job.id) ?? job
  }

  #folder(id: string): string {
    return join(this.#options.workspace.jobs, id)
  }
}
