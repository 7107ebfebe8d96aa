// Turns "so much is done" into progress with rate and time left, checked against its invariants and sent sparingly.
import { advance, type Progress } from '../../shared/jobs/progress.ts'

/** Milliseconds between two reports of one step. */
const INTERVAL = 250
/** Seconds over which the rate is averaged. */
const WINDOW = 5

interface Point {
  readonly at: number
  readonly done: number
}

export class ProgressMeter {
  readonly #steps: readonly string[]
  readonly #send: (progress: Progress) => void
  readonly #now: () => number
  #current: Progress = { phase: 'waiting' }
  #sentAt = Number.NEGATIVE_INFINITY
  #points: Point[] = []

  /** `steps` are the names of all steps in order; `now` is in milliseconds. */
  constructor(
    steps: readonly string[],
    send: (progress: Progress) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#steps = steps
    this.#send = send
    this.#now = now
  }

  /** Before the first step: `found` units of work so far. */
  measuring(step: string, unit: string, found: number): void {
    this.#report({ phase: 'measuring', step, unit, found }, found === 0)
  }

  /** `done` of `total` units of this step, counted from the job's start, not the attempt's. */
  working(step: string, unit: string, done: number, total: number): void {
    const place = this.#place(step)
    const fresh = this.#current.phase !== 'working' || this.#current.stepIndex !== place.stepIndex
    if (fresh) this.#points = []
    const perSecond = this.#rate(done)
    const secondsLeft = perSecond ? (total - done) / perSecond : null
    this.#report(
      { phase: 'working', ...place, unit, done, total, perSecond, secondsLeft },
      fresh || done === total,
    )
  }

  /** Everything is done. */
  finished(): void {
    this.#report({ phase: 'finished' }, true)
  }

  #place(step: string): { step: string; stepIndex: number; stepCount: number } {
    const stepIndex = this.#steps.indexOf(step)
    if (stepIndex < 0) throw new Error(`"${step}" is not among the steps ${this.#steps.join(', ')}.`)
    return { step, stepIndex, stepCount: this.#steps.length }
  }

  #report(next: Progress, now: boolean): void {
    this.#current = advance(this.#current, next)
    if (!now && this.#now() - this.#sentAt < INTERVAL) return
    this.#sentAt = this.#now()
    this.#send(this.#current)
  }

  #rate(done: number): number | null {
    const at = this.#now()
    const last = this.#points.at(-1)
    if (!last || at - last.at >= 100) this.#points.push({ at, done })
    // two points are kept, so that a slow job has a rate too
    this.#points = this.#points.filter(
      (point, index) => at - point.at <= WINDOW * 1000 || index >= this.#points.length - 2,
    )
    const [first] = this.#points
    if (!first || at - first.at < 200) return null
    return ((done - first.done) * 1000) / (at - first.at)
  }
}
