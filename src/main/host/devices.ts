// The devices of this host: probed when somebody first asks, remembered, and one of them chosen for heavy work.
import {
  type DeviceStatus,
  type DevicesState,
  type Numerics,
  preferred,
  usableDevices,
  type UsableDevice,
} from '../../shared/devices.ts'
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { Unavailable } from '../onnx/unavailable.ts'
import type { Workspace } from '../store/workspace.ts'
import { type Candidate, listCandidates } from './device-list.ts'
import { DeviceMemory } from './device-memory.ts'
import { probeDevice, verdict } from './device-probe.ts'
import { Emitter } from './emitter.ts'
import type { LaunchCompute } from './launcher.ts'
import type { SettingsKeeper } from './settings.ts'

export interface DevicesOptions {
  readonly launch: LaunchCompute
  readonly workspace: Workspace
  readonly settings: SettingsKeeper
  readonly onProblem: (problem: ErrorData) => void
  /** See `ProbeOptions`. */
  readonly patience?: number
}

export class Devices {
  readonly changed = new Emitter<DevicesState>()
  readonly #options: DevicesOptions
  readonly #memory: DeviceMemory
  readonly #closing = new AbortController()
  #devices: readonly DeviceStatus[] = []
  #probes: Promise<void> | undefined

  constructor(options: DevicesOptions) {
    this.#options = options
    this.#memory = new DeviceMemory(options.workspace)
    let { device } = options.settings.current
    options.settings.changed.listen((settings) => {
      if (settings.device !== device) this.changed.emit(this.state)
      ;({ device } = settings)
    })
  }

  get state(): DevicesState {
    const choice = this.#options.settings.current.device
    const wanted = this.#devices.find(({ id, state }) => id === choice && state === 'usable')
    const chosen = wanted ?? preferred(this.#devices)
    return { devices: [...this.#devices], choice, chosen: chosen?.id ?? null }
  }

  /** Resolves once every device was probed, or what was found earlier recalled. */
  async ready(): Promise<DevicesState> {
    await (this.#probes ??= this.#probeAll({ afresh: false }))
    return this.state
  }

  /** What work may use, the chosen one first. */
  async usable(): Promise<UsableDevice[]> {
    return usableDevices(await this.ready())
  }

  /** Begins to probe everything, whatever is remembered, once the probes under way have ended. */
  probeAgain(): void {
    this.#probes = (this.#probes ?? Promise.resolve()).then(() => this.#probeAll({ afresh: true }))
  }

  /** Keeps the choice of "auto" or a usable device; rejects `device/unknown`, `device/unusable`. */
  async choose(id: string): Promise<DevicesState> {
    const { devices } = await this.ready()
    const device = devices.find((candidate) => candidate.id === id)
    if (id !== 'auto' && !device) {
      const ids = devices.map((candidate) => candidate.id).join(', ')
      throw expected('device/unknown', `There is no device "${id}".`, `The devices are ${ids}; or "auto".`)
    }
    if (device && device.state !== 'usable') {
      throw expected(
        'device/unusable',
        `${device.name} cannot be used. ${device.reason ?? ''}`.trim(),
        device.fix?.text,
      )
    }
    this.#options.settings.set({ device: id })
    return this.state
  }

  /** Ends the probe under way. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#probes
  }

  async #probeAll({ afresh }: { readonly afresh: boolean }): Promise<void> {
    const candidates = await listCandidates()
    const due: Candidate[] = []
    const devices: DeviceStatus[] = []
    for (const candidate of candidates) {
      const known = afresh ? null : await this.#memory.recall(candidate)
      const status = waiting(candidate)
      if (candidate.unavailable) devices.push(unusable(status, candidate.unavailable, null))
      else if (known) devices.push(found(status, known.numerics, known.probedAt))
      else {
        devices.push(status)
        due.push(candidate)
      }
    }
    this.#tell(devices)
    for (const candidate of due) {
      if (this.#closing.signal.aborted) return
      await this.#probe(candidate)
    }
  }

  async #probe(candidate: Candidate): Promise<void> {
    const { launch, patience, onProblem } = this.#options
    const status = waiting(candidate)
    const show = (checking: string) => this.#put({ ...status, state: 'probing', checking })
    show('Starting a process')
    const { numerics, unavailable } = await probeDevice(candidate.device, {
      launch,
      onChecking: show,
      signal: this.#closing.signal,
      ...(patience !== undefined && { patience }),
    })
    const probedAt = Date.now()
    if (numerics) {
      this.#put(found(status, numerics, probedAt))
      await this.#memory.keep(candidate, numerics, probedAt).catch((error: unknown) => {
        onProblem(toErrorData(error))
      })
    } else if (unavailable) {
      this.#put({ ...unusable(status, unavailable, null), probedAt })
    }
  }

  #put(status: DeviceStatus): void {
    this.#tell(this.#devices.map((device) => (device.id === status.id ? status : device)))
  }

  #tell(devices: readonly DeviceStatus[]): void {
    this.#devices = devices
    this.changed.emit(this.state)
  }
}

function waiting({ device, memory, driver }: Candidate): DeviceStatus {
  return {
    ...device,
    ...{ memory, driver },
    state: 'waiting',
    checking: null,
    reason: null,
    fix: null,
    numerics: null,
    probedAt: null,
  }
}

function found(status: DeviceStatus, numerics: Numerics, probedAt: number): DeviceStatus {
  const unavailable = verdict(numerics)
  if (unavailable) return { ...unusable(status, unavailable, numerics), probedAt }
  return { ...status, state: 'usable', numerics, probedAt }
}

function unusable(
  status: DeviceStatus,
  { reason, fix }: Unavailable,
  numerics: Numerics | null,
): DeviceStatus {
  return { ...status, state: 'unusable', reason, fix, numerics }
}
