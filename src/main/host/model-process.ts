// One compute process that holds one model: what is asked of it, and why it ended.
import { type ComputeContract, computeContract } from '../../shared/contract/compute.ts'
import type { DeltaOf, InputOf } from '../../shared/contract/define.ts'
import { cancelled, type ErrorData, expected, fromErrorData, toErrorData } from '../../shared/errors.ts'
import type { ReadText } from '../../shared/features.ts'
import type { Analysis, Completion, GenerationEvent } from '../../shared/generation.ts'
import { Client } from '../../shared/wire/client.ts'
import type { ModelOrder } from '../compute/loaded-model.ts'
import { parsePulse } from '../compute/pulse.ts'
import { explainDeath } from './death.ts'
import type { ComputeProcess, LaunchCompute, ProcessExit } from './launcher.ts'
import { watchMemoryDeaths } from './memory-deaths.ts'
import { PulseWatch } from './pulse-watch.ts'

export interface ModelProcessOptions extends ModelOrder {
  readonly launch: LaunchCompute
  /** Milliseconds without a pulse after which the process counts as frozen and is ended. */
  readonly frozenAfter?: number
}

type ModelStream = 'model.generate' | 'model.steer' | 'model.sweep' | 'model.measure'

const ERROR_LINES = 100

export class ModelProcess {
  /** Resolves once the model is loaded; rejects when it could not be, or the process ended. */
  readonly loaded: Promise<void>
  /** Resolves with the reason when the process is over. */
  readonly ended: Promise<ErrorData>
  readonly options: ModelProcessOptions
  readonly #process: ComputeProcess
  readonly #client: Client<typeof computeContract>
  readonly #errorLines: string[] = []
  readonly #memoryDeaths = watchMemoryDeaths()
  readonly #pulse: PulseWatch
  #reason: ErrorData | undefined
  #over = false

  constructor(options: ModelProcessOptions) {
    this.options = options
    this.#process = options.launch('model')
    this.#pulse = new PulseWatch({
      frozenAfter: options.frozenAfter,
      onFrozen: () => void this.end(frozen(options.name)),
    })
    this.#process.onLine((line) => {
      if (parsePulse(line)) this.#pulse.sign()
    })
    this.#process.onErrorLine((line) => {
      this.#errorLines.push(line)
      if (this.#errorLines.length > ERROR_LINES) this.#errorLines.shift()
    })
    this.#client = new Client(computeContract, this.#process.port, { app: 'Monoscope host' })
    this.ended = new Promise((resolve) => {
      this.#process.onExit((exit) => {
        this.#over = true
        this.#pulse.end()
        this.#client.close()
        resolve(this.#reason ?? this.#explain(exit))
      })
    })
    const { folder, own, name, device, precision } = options
    const order = { folder, own, name, device, precision }
    this.loaded = this.#asked(this.#client.call('model.load', order)).then(() => undefined)
    // who waits for it is told; one that nobody waits for must not count as a bug
    this.loaded.catch(() => undefined)
  }

  get isOver(): boolean {
    return this.#over || this.#reason !== undefined
  }

  /** Tells of every event; rejects when it fails, is cancelled through `signal`, or the process ends. */
  generate(
    rows: readonly Completion[],
    onEvent: (event: GenerationEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    return this.stream('model.generate', { rows: [...rows] }, onEvent, signal)
  }

  /** The same for whatever the process tells bit by bit. */
  async stream<K extends ModelStream>(
    name: K,
    input: InputOf<ComputeContract[K]>,
    onEvent: (event: DeltaOf<ComputeContract[K]>) => void,
    signal: AbortSignal,
  ): Promise<void> {
    await this.loaded
    const done = new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(cancelled())
      const stop = this.#client.subscribe<K>(name, input, {
        state: (_none, event) => event !== undefined && onEvent(event),
        end: (error) => (error ? reject(fromErrorData(error)) : resolve()),
      })
      signal.addEventListener('abort', () => (stop(), reject(cancelled())), { once: true })
    })
    return this.#asked(done)
  }

  async analyse(text: string, signal: AbortSignal): Promise<Analysis> {
    await this.loaded
    return this.#asked(this.#client.call('model.analyse', { text }, { signal }))
  }

  /** See the contract of compute processes. */
  async codes(order: InputOf<ComputeContract['model.codes']>, signal: AbortSignal): Promise<ReadText> {
    await this.loaded
    return this.#asked(this.#client.call('model.codes', order, { signal }))
  }

  /** Ends it, which is the one sure way to get its memory back; `reason` is told to whoever waits for it. */
  async end(reason: ErrorData): Promise<void> {
    this.#reason ??= reason
    this.#process.kill()
    await this.ended
  }

  /** The answer; when the process is over, the reason instead of a broken connection. */
  async #asked<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer
    } catch (error) {
      if (toErrorData(error).code !== 'wire/closed') throw error
      throw fromErrorData(await this.ended)
    }
  }

  #explain(exit: ProcessExit): ErrorData {
    const death = explainDeath({
      exit,
      errorLines: this.#errorLines,
      samples: [],
      memoryDeaths: this.#memoryDeaths(),
    })
    const { name } = this.options
    const said = this.#errorLines.join('\n') || undefined
    if (death.code === 'job/out-of-memory') {
      return toErrorData(
        expected(
          'model/out-of-memory',
          `The process that ran ${name} ended because memory ran out.`,
          'Close other programs, choose a device with more memory, or a smaller model.',
          said,
        ),
      )
    }
    const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`
    return toErrorData(
      expected(
        'model/crashed',
        `The process that ran ${name} ended unexpectedly (${how}).`,
        'The next request starts it again; if that happens again, choose another device on the Device page.',
        said,
      ),
    )
  }
}

function frozen(name: string): ErrorData {
  return toErrorData(
    expected(
      'model/frozen',
      `The process that ran ${name} stopped showing signs of life and was ended.`,
      'The machine may be out of memory and swapping. The next request starts it again.',
    ),
  )
}
