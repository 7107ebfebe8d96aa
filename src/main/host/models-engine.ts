// The one model that is held for interactive work: loaded when it is asked for, and ended when others need the room.
import type { UsableDevice } from '../../shared/devices.ts'
import { cancelled, type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { ReadText } from '../../shared/features.ts'
import type { Analysis, Completion, GenerationEvent, ModelPrecision } from '../../shared/generation.ts'
import { Turns } from '../../shared/turns.ts'
import { chosenDevice } from '../compute/device.ts'
import type { ModelOrder } from '../compute/loaded-model.ts'
import type { LaunchCompute } from './launcher.ts'
import { ModelProcess } from './model-process.ts'

export interface ModelsEngineOptions {
  readonly launch: LaunchCompute
  /** Where the checkpoint is that `model` means, and how people know it; rejects where there is none. */
  readonly resolve: (
    model: string,
  ) => Promise<{ readonly folder: string; readonly own: string | null; readonly name: string }>
  /** What work may run on, the chosen one first; resolves once the devices have been probed. */
  readonly devices: () => Promise<readonly UsableDevice[]>
  /** The title of the job that works on a device now; null where none does. */
  readonly deviceJob: () => string | null
  /** Milliseconds after the last request in which the model stays loaded. */
  readonly idle?: number
  /** See `ModelProcessOptions`. */
  readonly frozenAfter?: number
}

/** Which model, and what it is computed in. */
export interface WantedModel {
  /** What `resolve` takes. */
  readonly model: string
  readonly precision: ModelPrecision
}

export interface CodesOrder {
  readonly text: string
  /** A folder. */
  readonly sae: string
  /** Where it reads. */
  readonly hook: string
  readonly features: readonly number[] | undefined
}

/** How a request hears of what goes on. */
export interface GenerationListener {
  /** It has to wait; `reason` is a sentence. */
  waiting(reason: string): void
  event(event: GenerationEvent): void
}

const IDLE = 10 * 60_000

export class ModelsEngine {
  readonly #options: ModelsEngineOptions
  #held: ModelProcess | undefined
  /** Requests that use what is held. */
  #users = 0
  #idle: NodeJS.Timeout | undefined
  readonly #turns = new Turns()
  #closed = false

  constructor(options: ModelsEngineOptions) {
    this.#options = options
  }

  /** Rejects when it fails, is cancelled, or the model was ended meanwhile. */
  async generate(
    wanted: WantedModel,
    rows: readonly Completion[],
    listener: GenerationListener,
    signal: AbortSignal,
  ): Promise<void> {
    await this.with(
      wanted,
      (reason) => listener.waiting(reason),
      signal,
      (process) => process.generate(rows, (event) => listener.event(event), signal),
    )
  }

  analyse(wanted: WantedModel, text: string, signal: AbortSignal): Promise<Analysis> {
    return this.with(
      wanted,
      () => undefined,
      signal,
      (process) => process.analyse(text, signal),
    )
  }

  /** The features of the SAE in that folder at each token of a text; of some alone where they are named. */
  codes(wanted: WantedModel, { features, ...order }: CodesOrder, signal: AbortSignal): Promise<ReadText> {
    return this.with(
      wanted,
      () => undefined,
      signal,
      (process) => process.codes({ ...order, ...(features && { features: [...features] }) }, signal),
    )
  }

  /** Ends the model because a job needs the device; its name, or null where none was held. */
  async makeRoom(): Promise<string | null> {
    const name = this.#held?.options.name ?? null
    await this.#release(evicted(name ?? ''))
    return name
  }

  /** Ends the model; nothing happens where none is held. */
  unload(): Promise<void> {
    return this.#release(toErrorData(cancelled('The model was unloaded.')))
  }

  /** Ends the model of this checkpoint because it is removed; nothing happens where another is held, or none. */
  forget(folder: string): Promise<void> {
    return this.#turns.next(async () => {
      const held = this.#held
      if (held?.options.folder === folder) await held.end(removed(held.options.name))
    })
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#release(toErrorData(expected('host/closing', 'Monoscope is closing.')))
  }

  /** Has the model held while `use` works with its process, loading it first; `waiting` hears what is waited for. */
  async with<T>(
    wanted: WantedModel,
    waiting: (reason: string) => void,
    signal: AbortSignal,
    use: (process: ModelProcess) => Promise<T>,
  ): Promise<T> {
    this.#users++
    clearTimeout(this.#idle)
    try {
      // one after the other: two at once must not start two processes
      const process = await this.#turns.next(() => this.#acquire(wanted, waiting, signal))
      return await use(process)
    } finally {
      this.#users--
      this.#rest()
    }
  }

  async #acquire(
    { model, precision }: WantedModel,
    waiting: (reason: string) => void,
    signal: AbortSignal,
  ): Promise<ModelProcess> {
    const { resolve, devices, deviceJob, launch, frozenAfter } = this.#options
    const { folder, own, name } = await resolve(model)
    waiting('Probing the devices.')
    const device = chosenDevice({ devices: await devices() })
    const job = device.provider === 'cpu' ? null : deviceJob()
    if (job !== null) throw deviceBusy(device.name, job)
    if (this.#closed || signal.aborted) throw cancelled()
    const held = this.#held
    if (held && !held.isOver && isSame(held.options, { folder, device, precision })) return held
    if (held) {
      waiting(`Ending ${held.options.name}.`)
      await held.end(replaced(held.options, { name, precision }))
    }
    waiting(`Loading ${named({ name, precision })} on ${device.name}.`)
    const process = new ModelProcess({
      ...{ launch, folder, own, name, device, precision },
      ...(frozenAfter !== undefined && { frozenAfter }),
    })
    this.#held = process
    const forget = () => {
      if (this.#held === process) this.#held = undefined
    }
    void process.ended.then(forget)
    // one that could not load its model is of no use
    process.loaded.catch((error: unknown) => process.end(toErrorData(error)))
    return process
  }

  #release(reason: ErrorData): Promise<void> {
    return this.#turns.next(async () => {
      clearTimeout(this.#idle)
      await this.#held?.end(reason)
    })
  }

  /** Nobody uses it: it is ended after a while. */
  #rest(): void {
    clearTimeout(this.#idle)
    if (this.#users > 0 || !this.#held) return
    this.#idle = setTimeout(() => void this.unload(), this.#options.idle ?? IDLE)
    // a command that is done does not wait for this
    this.#idle.unref()
  }
}

type Held = Pick<ModelOrder, 'folder' | 'device' | 'precision'>

function isSame(held: Held, wanted: Held): boolean {
  return (
    held.folder === wanted.folder &&
    held.device.id === wanted.device.id &&
    held.precision === wanted.precision
  )
}

function evicted(name: string): ErrorData {
  return toErrorData(
    expected(
      'model/evicted',
      `The model ${name} was ended, because a job needs the device.`,
      'Ask again when the job is done.',
    ),
  )
}

function removed(name: string): ErrorData {
  return toErrorData(
    expected('model/removed', `The model ${name} was ended, because it is being removed.`, 'Choose another.'),
  )
}

/** With its precision where that is asked for. */
function named({ name, precision }: Pick<ModelOrder, 'name' | 'precision'>): string {
  return precision === 'auto' ? name : `${name} in ${precision}`
}

function replaced(held: Pick<ModelOrder, 'name' | 'precision'>, by: typeof held): ErrorData {
  return toErrorData(
    expected(
      'model/replaced',
      `The model ${named(held)} was ended, because ${named(by)} was asked for.`,
      'One model is held at a time; ask again to load it.',
    ),
  )
}

function deviceBusy(device: string, job: string) {
  return expected(
    'model/device-busy',
    `The job "${job}" works on ${device}.`,
    'Wait until it is done or pause it, or choose the CPU on the Device page.',
  )
}
