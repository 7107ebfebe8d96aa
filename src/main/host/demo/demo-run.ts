// The demo as it runs: one task after the other, jobs where there are jobs for it, remembered after each, so that it can be left at any time.
import {
  type Demo,
  type DemoFigures,
  type DemoMade,
  type DemoTask,
  nextTask,
  noDemo,
} from '../../../shared/demo.ts'
import { cancelled, type ErrorData, expected, fromErrorData, toErrorData } from '../../../shared/errors.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import type { JobKindId } from '../../../shared/jobs/kinds.ts'
import { isActive, isResumable } from '../../../shared/jobs/state.ts'
import { Emitter } from '../emitter.ts'
import type { JobChange } from '../job-records.ts'
import type { Jobs } from '../jobs.ts'

/** What a task ends with. */
export interface TaskOutcome {
  readonly made: DemoMade
  readonly figures: DemoFigures
}

interface Product {
  /** As people are told of it: "harvest"; null for a task that only measures. */
  readonly product: string | null
  /** What the task made is still there, and whole. */
  stands(made: DemoMade): Promise<boolean>
}

interface JobTask extends Product {
  readonly kind: JobKindId
  params(made: DemoMade): Record<string, unknown> | Promise<Record<string, unknown>>
  /** Of the result of its job. */
  outcome(result: unknown): TaskOutcome
}

/** Done by the host; begun anew when it is interrupted. */
interface OwnTask extends Product {
  work(made: DemoMade, signal: AbortSignal): Promise<TaskOutcome>
}

export type DemoTasks = Readonly<Record<DemoTask, JobTask | OwnTask>>

export interface DemoRunOptions {
  readonly store: { read(): Demo | null; write(demo: Demo): void }
  readonly jobs: Pick<Jobs, 'start' | 'resume' | 'stop' | 'get' | 'changed'>
  readonly tasks: DemoTasks
  readonly onProblem: (problem: ErrorData) => void
}

export class DemoRun {
  readonly changed = new Emitter<Demo>()
  readonly #options: DemoRunOptions
  #demo: Demo
  /** Resolves once nothing is under way. */
  #loop: Promise<void> = Promise.resolve()
  #own = new AbortController()
  #closing = false
  /** Counts how often it was begun or ended, by which work that is under way knows that it is no longer wanted. */
  #round = 0
  /** When the task under way was last begun. */
  #begun = 0

  constructor(options: DemoRunOptions) {
    this.#options = options
    this.#demo = options.store.read() ?? noDemo
    options.jobs.changed.listen((change) => this.#heed(change))
  }

  get state(): Demo {
    return this.#demo
  }

  /** `alone`: what it does without being asked, which is to begin in an empty workspace, and to go on where a host ended. */
  open({ alone, empty }: { readonly alone: boolean; readonly empty: boolean }): void {
    const { state } = this.#demo
    if (state === 'none' && !empty) return this.#put({ ...noDemo, state: 'unwanted' })
    if (state === 'none' && alone) return void this.start()
    if (state !== 'running') return
    if (alone) return this.#go()
    // not remembered as such: the next host may go on by itself
    this.#demo = { ...this.#demo, state: 'stopped', error: toErrorData(hostEnded()) }
  }

  start(): Demo {
    const { state } = this.#demo
    if (state === 'running') return this.#demo
    const before = state === 'done' ? { ...noDemo, tour: this.#demo.tour } : this.#demo
    this.#put({ ...before, state: 'running', error: null, dismissed: false })
    this.#go()
    return this.#demo
  }

  skip(): Demo {
    const { state } = this.#demo
    if (state !== 'running' && state !== 'stopped') return this.#demo
    this.#put({ ...this.#demo, state: 'skipped', error: null, spent: this.#spent() })
    this.#round++
    this.#own.abort(cancelled())
    const job = this.#job()
    if (job && isActive(job.state)) this.#options.jobs.stop(job.id, 'cancelled')
    return this.#demo
  }

  /** Changes what is only said of it. */
  note(changes: Partial<Pick<Demo, 'dismissed' | 'tour'>>): Demo {
    this.#put({ ...this.#demo, ...changes })
    return this.#demo
  }

  /** After what it has made was removed. */
  forget(): void {
    this.#put({ ...noDemo, state: 'skipped', tour: this.#demo.tour, dismissed: true })
  }

  /** Resolves once the job of a demo that was skipped or has stopped is at rest. */
  atRest(): Promise<void> {
    return this.#loop
  }

  /** What is under way is left to the host that closes; the next one goes on with it. */
  close(): void {
    if (this.#demo.state === 'running') this.#put({ ...this.#demo, spent: this.#spent() })
    this.#closing = true
    this.#own.abort(cancelled())
  }

  #go(): void {
    const round = ++this.#round
    this.#loop = this.#loop.then(() => this.#work(round))
  }

  async #work(round: number): Promise<void> {
    while (this.#goesOn(round)) {
      const task = nextTask(this.#demo)
      if (task === undefined) return this.#put({ ...this.#demo, state: 'done', job: null, spent: 0 })
      this.#begun = performance.now()
      this.#own = new AbortController()
      try {
        await this.#assertThere(round)
        if (!this.#goesOn(round)) return
        const { made, figures } = await this.#do(task, round)
        if (!this.#goesOn(round)) return
        const finished = { task, job: this.#demo.job, seconds: this.#spent(), figures }
        this.#put({
          ...this.#demo,
          ...{ finished: [...this.#demo.finished, finished], made: { ...this.#demo.made, ...made } },
          ...{ job: null, spent: 0 },
        })
      } catch (error) {
        if (!this.#goesOn(round)) return
        this.#put({ ...this.#demo, state: 'stopped', error: toErrorData(error), spent: this.#spent() })
      }
    }
  }

  /** Something else may have been decided while it was waited for. */
  #goesOn(round: number): boolean {
    return round === this.#round && this.#demo.state === 'running' && !this.#closing
  }

  #do(task: DemoTask, round: number): Promise<TaskOutcome> {
    const way = this.#options.tasks[task]
    return 'kind' in way ? this.#doByJob(way, round) : way.work(this.#demo.made, this.#own.signal)
  }

  async #doByJob({ kind, params, outcome }: JobTask, round: number): Promise<TaskOutcome> {
    const { jobs } = this.#options
    let job = this.#job()
    if (job && isResumable(job.state)) job = jobs.resume(job.id)
    else if (!job) {
      const asked = await params(this.#demo.made)
      if (!this.#goesOn(round)) throw cancelled()
      job = jobs.start(kind, asked)
      this.#put({ ...this.#demo, job: job.id })
    }
    const ended = await this.#ended(job)
    if (ended.state === 'done') return outcome(ended.result)
    throw ended.error ? fromErrorData(ended.error) : jobStopped(ended)
  }

  /** The job of the task under way; undefined where there is none, or not any more. */
  #job(): Job | undefined {
    const { job } = this.#demo
    if (job === null) return undefined
    try {
      return this.#options.jobs.get(job)
    } catch {
      return undefined
    }
  }

  #ended(job: Job): Promise<Job> {
    if (!isActive(job.state)) return Promise.resolve(job)
    return new Promise((resolve) => {
      const stop = this.#options.jobs.changed.listen((change) => {
        if (change.type !== 'put' || change.job.id !== job.id || isActive(change.job.state)) return
        stop()
        resolve(change.job)
      })
    })
  }

  /** Throws `demo/gone`; what is gone, and what was made of it, is made again when it goes on. */
  async #assertThere(round: number): Promise<void> {
    const { finished, made } = this.#demo
    for (const [at, { task }] of finished.entries()) {
      const { product, stands } = this.#options.tasks[task]
      if (product === null || (await stands(made))) continue
      if (!this.#goesOn(round)) return
      this.#put({ ...this.#demo, finished: finished.slice(0, at), job: null, spent: 0 })
      throw expected(
        'demo/gone',
        `The ${product} that the demo had made is gone, or damaged.`,
        'If it goes on, it makes it again.',
      )
    }
  }

  /** Somebody resumed its job where jobs are listed: the demo goes on, too. */
  #heed(change: JobChange): void {
    if (change.type !== 'put' || change.job.id !== this.#demo.job) return
    if (this.#demo.state === 'stopped' && isActive(change.job.state)) this.start()
  }

  #spent(): number {
    const { state, spent } = this.#demo
    return state === 'running' ? spent + (performance.now() - this.#begun) / 1000 : spent
  }

  /** A disk that is full keeps it in memory only, and says so. */
  #put(demo: Demo): void {
    if (this.#closing) return
    this.#demo = demo
    try {
      this.#options.store.write(demo)
    } catch (error) {
      this.#options.onProblem(toErrorData(error))
    }
    this.changed.emit(demo)
  }
}

function hostEnded() {
  return expected(
    'demo/host-ended',
    'Monoscope was closed while the demo was under way.',
    'It goes on where it stopped.',
  )
}

function jobStopped({ title, state }: Job) {
  return expected(
    'demo/job-stopped',
    `Its job (${title}) was ${state}.`,
    'The demo goes on where it stopped.',
  )
}
