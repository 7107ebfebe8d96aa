// The order in which a page steers: first the texts under the thumb, then the strip; what is stale is ended at once.
import type { InputOf } from '../../shared/contract/define.ts'
import type { AppContract } from '../../shared/contract/index.ts'
import type { SteeringState } from '../../shared/contract/steering.ts'
import type { ErrorData } from '../../shared/errors.ts'
import type { SteeringSetup } from '../../shared/steering-sessions.ts'
import { hasStrength, runOrder, stripKey, stripOrder } from './steering-setup.ts'

interface Listener {
  state(state: SteeringState): void
  end(error?: ErrorData): void
}

/** How the host is asked; both return what ends the request. */
export interface SteeringPorts {
  run(order: InputOf<AppContract['steering.run']>, listener: Listener): () => void
  strip(order: InputOf<AppContract['steering.strip']>, listener: Listener): () => void
}

interface Texts {
  /** Undefined until the host has answered. */
  readonly state: SteeringState | undefined
  /** Why they broke off. */
  readonly error: ErrorData | undefined
  readonly running: boolean
}

export interface RunView extends Texts {
  readonly setup: SteeringSetup
  /** What stood there before, while the setup differs by nothing but what is steered. */
  readonly before: SteeringState | undefined
}

export interface StripView extends Texts {
  readonly key: string
  /** Which intervention the strengths are of. */
  readonly slider: number
  readonly strengths: readonly number[]
}

export interface LiveView {
  readonly run: RunView | null
  readonly strip: StripView | null
}

/** What the slider under the thumb has to do with a setup. */
export interface Thumb {
  readonly slider: number
  readonly strengths: readonly number[]
}

/** Errors of a process that ended, or made room for a job: the next one may do better. */
const FATAL = new Set(['model/crashed', 'model/frozen', 'model/evicted'])
/** Milliseconds before it is tried again. */
const PAUSE = 700

export class LiveSteering {
  readonly #ports: SteeringPorts
  readonly #onView: (view: LiveView) => void
  readonly #onDone: (setup: SteeringSetup, state: SteeringState) => void
  /** Of this page: its requests replace each other. */
  readonly #key: string
  #view: LiveView = { run: null, strip: null }
  #thumb: Thumb = { slider: 0, strengths: [] }
  #endRun: () => void = () => undefined
  #endStrip: () => void = () => undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #retried = false

  /** `onDone` hears of texts that are whole. */
  constructor(
    ports: SteeringPorts,
    key: string,
    onView: (view: LiveView) => void,
    onDone: (setup: SteeringSetup, state: SteeringState) => void,
  ) {
    this.#ports = ports
    this.#key = key
    this.#onView = onView
    this.#onDone = onDone
  }

  get view(): LiveView {
    return this.#view
  }

  /** Ends what runs, and steers anew. `sameBaseline`: the unsteered text will be the one that is there. */
  generate(setup: SteeringSetup, thumb: Thumb, sameBaseline: boolean): void {
    this.#retried = false
    this.#thumb = thumb
    this.#run(setup, sameBaseline ? shownNow(this.#view.run) : undefined)
  }

  /** A slider begins to move: what is computed for where it was is stale. The strip stays, for it is of all strengths. */
  moved(): void {
    const { run } = this.#view
    if (!run?.running) return
    this.#stopRun()
    this.#show({ run: { ...run, running: false } })
  }

  /** The slider under the thumb is another one, or has other ends: makes its strip if nothing else runs. */
  touched(setup: SteeringSetup, thumb: Thumb): void {
    this.#thumb = thumb
    const { run } = this.#view
    if (run && !run.running && !run.error && run.state?.done) this.#makeStrip(setup)
  }

  /** What came until now stays. */
  stop(): void {
    this.#stopRun()
    this.#stopStrip()
    const { run, strip } = this.#view
    this.#show({ run: run && { ...run, running: false }, strip: strip && { ...strip, running: false } })
  }

  /** Ends everything and forgets it. */
  clear(): void {
    this.#stopRun()
    this.#stopStrip()
    this.#show({ run: null, strip: null })
  }

  #run(setup: SteeringSetup, before: SteeringState | undefined): void {
    this.#stopRun()
    this.#pauseStrip(setup)
    this.#show({ run: { setup, before, state: undefined, error: undefined, running: true } })
    this.#endRun = this.#ports.run(runOrder(setup, this.#key), {
      state: (state) => this.#change({ state }),
      end: (error) => {
        this.#change({ running: false, error })
        const { run } = this.#view
        if (error) this.#tryAgain(setup, error)
        else if (run?.state) {
          this.#onDone(setup, run.state)
          this.#makeStrip(setup)
        }
      },
    })
  }

  #tryAgain(setup: SteeringSetup, error: ErrorData): void {
    if (this.#retried || !FATAL.has(error.code)) return
    this.#retried = true
    this.#retry = setTimeout(() => this.#run(setup, shownNow(this.#view.run)), PAUSE)
  }

  /** Of the setup's slider, unless it is there. */
  #makeStrip(setup: SteeringSetup): void {
    const { slider, strengths } = this.#thumb
    if (!hasStrength(setup.interventions[slider])) {
      this.#stopStrip()
      return this.#show({ strip: null })
    }
    const key = stripKey(setup, slider, strengths)
    const known = this.#view.strip
    if (known?.key === key && (known.running || known.state?.done === true)) return
    this.#stopStrip()
    this.#show({
      strip: {
        ...{ key, slider, strengths, error: undefined, running: true },
        // those that are finished stay until they are there again
        state: known?.key === key ? known.state : undefined,
      },
    })
    this.#endStrip = this.#ports.strip(stripOrder(setup, slider, strengths, this.#key), {
      state: (state) => {
        // what has begun anew is shown once it has more than what was there
        if (finishedRows(state) >= finishedRows(this.#view.strip?.state)) this.#changeStrip({ state })
      },
      end: (error) => this.#changeStrip({ running: false, error }),
    })
  }

  /** Texts under the thumb come first. A strip of another setup is of no use any more. */
  #pauseStrip(setup: SteeringSetup): void {
    this.#stopStrip()
    const { strip } = this.#view
    if (!strip) return
    const { slider, strengths } = this.#thumb
    const stays = strip.key === stripKey(setup, slider, strengths)
    this.#show({ strip: stays ? { ...strip, running: false, error: undefined } : null })
  }

  #stopRun(): void {
    clearTimeout(this.#retry)
    this.#endRun()
    this.#endRun = () => undefined
  }

  #stopStrip(): void {
    this.#endStrip()
    this.#endStrip = () => undefined
  }

  #change(changes: Partial<Texts>): void {
    const { run } = this.#view
    if (run) this.#show({ run: { ...run, ...changes } })
  }

  #changeStrip(changes: Partial<Texts>): void {
    const { strip } = this.#view
    if (strip) this.#show({ strip: { ...strip, ...changes } })
  }

  #show(changes: Partial<LiveView>): void {
    this.#view = { ...this.#view, ...changes }
    this.#onView(this.#view)
  }
}

/** The texts that are seen: of each what has come, or what was there before while that is longer. */
function shownNow(run: RunView | null): SteeringState | undefined {
  const { state, before } = run ?? {}
  if (!state || !before) return state ?? before
  const rows = state.rows.map((row, place) => {
    const earlier = before.rows[place]
    return row.end === null && earlier && earlier.tokens.length > row.tokens.length ? earlier : row
  })
  return { ...state, rows }
}

/** Texts of a batch that are whole. */
export function finishedRows(state: SteeringState | undefined): number {
  return state?.rows.filter(({ end }) => end !== null).length ?? 0
}
