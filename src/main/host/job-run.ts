// One attempt of a job: its compute process, what it says, what it uses, and how it ended.
import {
  computeContract,
  type JobEvent,
  type JobReport,
  type StartOrder,
} from '../../shared/contract/compute.ts'
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HubAccess } from '../../shared/hub.ts'
import type { Job, LogLine, Sample } from '../../shared/jobs/job.ts'
import { type JobKindId, kindOf } from '../../shared/jobs/kinds.ts'
import { Client } from '../../shared/wire/client.ts'
import { parsePulse, type Pulse } from '../compute/pulse.ts'
import type { StopState } from '../compute/job-runner.ts'
import { libraryPath } from '../onnx/cuda/runtime.ts'
import { explainDeath } from './death.ts'
import { startDevice } from './device-probe.ts'
import type { ComputeProcess, LaunchCompute, ProcessExit } from './launcher.ts'
import type { MachineWatch } from './machine-watch.ts'
import { watchMemoryDeaths } from './memory-deaths.ts'
import { PulseWatch } from './pulse-watch.ts'

type Outcome = Extract<JobEvent, { type: 'outcome' }>['outcome']

/** How an attempt ended. */
export type RunEnd =
  /** The job said so itself. */
  | { readonly how: 'outcome'; readonly outcome: Outcome }
  /** It was asked to stop, did not in time, and was ended. */
  | { readonly how: 'stopped'; readonly as: StopState }
  /** `kill()` was called. */
  | { readonly how: 'killed' }
  /** It ended by itself without an outcome. */
  | { readonly how: 'died'; readonly error: ErrorData }

export interface RunListener {
  event(event: JobReport): void
  sample(sample: Sample, peakRss: number): void
}

/** What a job of some kinds is given before it begins. */
export interface Supplies {
  /** Resolves once the devices are known and free, with what was done about that `say`ed. */
  readonly devices: (say: (text: string) => void) => Promise<readonly UsableDevice[]>
  /** The token in it goes to the job's process and nowhere else. */
  readonly hub: () => Promise<HubAccess>
}

export interface RunOptions {
  readonly launch: LaunchCompute
  readonly machine: MachineWatch
  readonly folder: string
  /** The folder of the workspace. */
  readonly workspace: string
  readonly supplies: Supplies
  /** Milliseconds without a pulse after which the process counts as frozen and is ended. */
  readonly frozenAfter?: number
}

const ERROR_LINES = 200
const SAMPLES_KEPT = 60

export class JobRun {
  readonly ended: Promise<RunEnd>
  readonly #process: ComputeProcess
  readonly #client: Client<typeof computeContract>
  readonly #listener: RunListener
  readonly #options: RunOptions
  readonly #errorLines: string[] = []
  readonly #samples: Sample[] = []
  readonly #memoryDeaths = watchMemoryDeaths()
  readonly #pulse: PulseWatch
  #pulses: { at: number; pulse: Pulse }[] = []
  #outcome: Outcome | undefined
  #broken: ErrorData | undefined
  /** It was told what to do. */
  #ordered = false
  #ending: 'killed' | 'frozen' | { stop: StopState } | undefined

  constructor(job: Job, listener: RunListener, options: RunOptions) {
    this.#listener = listener
    this.#options = options
    this.#process = options.launch(job.id)
    this.#pulse = new PulseWatch({
      frozenAfter: options.frozenAfter,
      onQuiet: (silent) =>
        this.#log('warn', `The process has shown no sign of life for ${Math.round(silent / 1000)} s.`),
      onFrozen: () => this.#end('frozen'),
    })
    this.#process.onLine((line) => this.#line(line))
    this.#process.onErrorLine((line) => this.#errorLine(line))
    this.ended = new Promise((resolve) => {
      this.#process.onExit((exit) => resolve(this.#explain(exit)))
    })
    this.#client = new Client(computeContract, this.#process.port, { app: 'Monoscope host' })
    void this.#order(job)
    this.#watch()
  }

  get pid(): number | null {
    return this.#process.pid ?? null
  }

  /** Asks it to stop after its current piece of work; ends it when it has not after `grace` milliseconds. */
  stop(as: StopState, grace: number): void {
    // while the devices are looked at there is nothing to stop cleanly
    if (!this.#ordered) return this.#end({ stop: as })
    void this.#client.call('job.stop', { as }).catch(() => undefined)
    const timer = setTimeout(() => {
      this.#log('warn', `It did not stop within ${grace / 1000} s and was ended; what was complete is kept.`)
      this.#end({ stop: as })
    }, grace)
    void this.ended.then(() => clearTimeout(timer))
  }

  /** Ends the process now. */
  kill(): void {
    this.#end('killed')
  }

  async #order(job: Job): Promise<void> {
    const kind = job.kind as JobKindId
    const { needsDevice, needsHub, fetches } = kindOf(kind)
    const { folder, workspace, supplies } = this.#options
    let hub: HubAccess | null = null
    try {
      if (needsHub && fetches?.(job.params) !== false) hub = await supplies.hub()
    } catch (error) {
      return this.#over(toErrorData(error))
    }
    const devices = needsDevice ? await supplies.devices((text) => this.#log('info', text)) : []
    if (this.#ending !== undefined) return
    this.#ordered = true
    this.#client.subscribe(
      'job.run',
      { id: job.id, kind, params: job.params, folder, workspace, hub, devices: [...devices] },
      {
        state: (_none, event) => event && this.#event(event),
        end: (error) => this.#over(error),
      },
    )
  }

  #end(why: 'killed' | 'frozen' | { stop: StopState }): void {
    this.#ending ??= why
    this.#process.kill()
  }

  #event(event: JobEvent): void {
    if (event.type === 'outcome') this.#outcome = event.outcome
    else if (event.type === 'start-device') void this.#startDevice(event)
    else this.#listener.event(event)
  }

  /** For the job: in Electron only a host can start a process. */
  async #startDevice({ device, libraryFolders }: StartOrder): Promise<void> {
    const gone = new AbortController()
    void this.ended.then(() => gone.abort())
    const unavailable = await startDevice(device, {
      launch: this.#options.launch,
      env: libraryPath(libraryFolders),
      signal: gone.signal,
    })
    const reason = unavailable?.reason ?? null
    await this.#client.call('job.deviceStarted', { reason }).catch(() => undefined)
  }

  /** The conversation is over: after an outcome the process has nothing left to do. */
  #over(error: ErrorData | undefined): void {
    if (error && error.code !== 'wire/closed') this.#broken = error
    if (this.#outcome || this.#broken) this.#process.kill()
  }

  #line(line: string): void {
    const pulse = parsePulse(line)
    if (!pulse) return this.#log('info', line)
    this.#pulse.sign()
    this.#pulses = [...this.#pulses, { at: Date.now(), pulse }].slice(-4)
  }

  #errorLine(line: string): void {
    if (line.trim() === '') return
    this.#errorLines.push(line)
    if (this.#errorLines.length > ERROR_LINES) this.#errorLines.shift()
    this.#log('warn', line)
  }

  #log(level: LogLine['level'], text: string): void {
    this.#listener.event({ type: 'log', level, text })
  }

  #watch(): void {
    const stopListening = this.#options.machine.listen((machine) => this.#sample(machine))
    void this.ended.then(() => {
      stopListening()
      this.#pulse.end()
    })
  }

  #sample(machine: Sample): void {
    const latest = this.#pulses.at(-1)
    const earlier = this.#pulses[0]
    if (!latest || !earlier) return
    const seconds = (latest.at - earlier.at) / 1000
    const rate = (pick: (pulse: Pulse) => number) =>
      seconds > 0 ? Math.max(0, pick(latest.pulse) - pick(earlier.pulse)) / seconds : null
    const cpu = rate((pulse) => pulse.cpuSeconds)
    const sample: Sample = {
      ...machine,
      rss: latest.pulse.rss,
      cpu: cpu === null ? null : cpu * 100,
      diskRead: rate((pulse) => pulse.diskRead),
      diskWrite: rate((pulse) => pulse.diskWrite),
      vram: this.pid === null ? null : this.#options.machine.vramOf(this.pid),
    }
    this.#samples.push(sample)
    if (this.#samples.length > SAMPLES_KEPT) this.#samples.shift()
    this.#listener.sample(sample, latest.pulse.peakRss)
  }

  #explain(exit: ProcessExit): RunEnd {
    // one last look: a job that died young has no sample of the clock yet
    this.#sample(this.#options.machine.sample())
    this.#client.close()
    if (this.#outcome) return { how: 'outcome', outcome: this.#outcome }
    if (this.#ending === 'killed') return { how: 'killed' }
    if (this.#ending === 'frozen') return { how: 'died', error: frozen() }
    if (this.#ending) return { how: 'stopped', as: this.#ending.stop }
    if (this.#broken) return { how: 'outcome', outcome: { state: 'failed', error: this.#broken } }
    if (this.pid === null) return { how: 'outcome', outcome: { state: 'failed', error: notStarted() } }
    const error = explainDeath({
      exit,
      errorLines: this.#errorLines,
      samples: this.#samples,
      memoryDeaths: this.#memoryDeaths(),
    })
    return { how: 'died', error }
  }
}

function frozen(): ErrorData {
  return toErrorData(
    expected(
      'job/frozen',
      "The job's process stopped showing signs of life and was ended.",
      'The machine may be out of memory and swapping. Resume continues from the last complete piece of work.',
    ),
  )
}

function notStarted(): ErrorData {
  return toErrorData(
    expected(
      'job/not-started',
      "The job's process could not be started.",
      'Check how many processes and how much memory this user may use, then resume it.',
    ),
  )
}
