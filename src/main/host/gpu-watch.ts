// What the NVIDIA GPUs are doing, from nvidia-smi where it answers; nothing where it does not.
import { type ChildProcess, spawn } from 'node:child_process'
import { eachLine } from './lines.ts'

/** Sums over all GPUs; temperature is the hottest one's. Memory in bytes. */
export interface GpuState {
  readonly use: number | null
  readonly vramUsed: number | null
  readonly vramTotal: number | null
  readonly temperature: number | null
  readonly power: number | null
  /** Bytes of GPU memory by process. */
  readonly vramByProcess: ReadonlyMap<number, number>
}

const MEBIBYTE = 1024 * 1024
const DEVICE_FIELDS = 'index,utilization.gpu,memory.used,memory.total,temperature.gpu,power.draw'

interface Device {
  readonly use: number | null
  readonly used: number | null
  readonly total: number | null
  readonly temperature: number | null
  readonly power: number | null
}

/** Follows nvidia-smi once a second while started; `state` is null where there is none. */
export class GpuWatch {
  readonly #command: string
  readonly #devices = new Map<number, Device>()
  #byProcess = new Map<number, number>()
  #running: ChildProcess[] = []

  constructor(command = 'nvidia-smi') {
    this.#command = command
  }

  get state(): GpuState | null {
    const devices = [...this.#devices.values()]
    if (devices.length === 0) return null
    const all = (pick: (device: Device) => number | null) =>
      devices.map(pick).filter((value): value is number => value !== null)
    const sum = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) : null)
    const temperatures = all((device) => device.temperature)
    return {
      use: sum(all((device) => device.use)),
      vramUsed: sum(all((device) => device.used)),
      vramTotal: sum(all((device) => device.total)),
      temperature: temperatures.length ? Math.max(...temperatures) : null,
      power: sum(all((device) => device.power)),
      vramByProcess: this.#byProcess,
    }
  }

  start(): void {
    if (this.#running.length > 0) return
    this.#follow([`--query-gpu=${DEVICE_FIELDS}`], (line) => this.#device(line))
    let turn = new Map<number, number>()
    this.#follow(['--query-compute-apps=timestamp,pid,used_gpu_memory'], (line) => {
      const [, pid, used] = numbers(line)
      if (pid == null) return
      // a process seen again begins the next listing
      if (turn.has(pid)) turn = new Map()
      turn.set(pid, (used ?? 0) * MEBIBYTE)
      this.#byProcess = turn
    })
  }

  stop(): void {
    for (const child of this.#running.splice(0)) child.kill()
    this.#devices.clear()
    this.#byProcess = new Map()
  }

  #follow(query: readonly string[], onLine: (line: string) => void): void {
    const child = spawn(this.#command, [...query, '--format=csv,noheader,nounits', '--loop=1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    this.#running.push(child)
    // not installed: this machine has no such GPU
    child.on('error', () => undefined)
    eachLine(child.stdout, onLine, () => undefined)
  }

  #device(line: string): void {
    const [index, use, used, total, temperature, power] = numbers(line)
    if (index == null) return
    this.#devices.set(index, {
      use: use ?? null,
      used: used == null ? null : used * MEBIBYTE,
      total: total == null ? null : total * MEBIBYTE,
      temperature: temperature ?? null,
      power: power ?? null,
    })
  }
}

/** The columns of a CSV line; null for "[N/A]" and other text. */
function numbers(line: string): (number | null)[] {
  return line.split(',').map((cell) => {
    const value = Number(cell.trim())
    return cell.trim() === '' || Number.isNaN(value) ? null : value
  })
}
