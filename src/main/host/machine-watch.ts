// What the machine uses, looked at once a second while anybody wants to know.
import { availableParallelism, cpus, freemem } from 'node:os'
import type { Sample } from '../../shared/jobs/job.ts'
import { memoryLimit } from '../compute/memory-limit.ts'
import { GpuWatch } from './gpu-watch.ts'

/** Milliseconds between two looks. */
const INTERVAL = 1_000

/** The machine's columns of a sample; the process's own are null. */
export class MachineWatch {
  readonly #gpu: GpuWatch
  readonly #listeners = new Set<(sample: Sample) => void>()
  #timer: NodeJS.Timeout | undefined
  #cpu = cpuTimes()

  constructor(gpu = new GpuWatch()) {
    this.#gpu = gpu
  }

  /** GPU memory of one process in bytes; null where nothing answers. */
  vramOf(pid: number): number | null {
    return this.#gpu.state ? (this.#gpu.state.vramByProcess.get(pid) ?? 0) : null
  }

  /** Calls `listener` about once a second until the returned function is called. */
  listen(listener: (sample: Sample) => void): () => void {
    this.#listeners.add(listener)
    if (!this.#timer) {
      this.#gpu.start()
      this.#cpu = cpuTimes()
      this.#timer = setInterval(() => this.#tick(), INTERVAL)
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
      this.#gpu.stop()
    }
  }

  /** One look right now. */
  sample(): Sample {
    const before = this.#cpu
    this.#cpu = cpuTimes()
    const total = this.#cpu.total - before.total
    const busy = total > 0 ? (this.#cpu.busy - before.busy) / total : null
    const gpu = this.#gpu.state
    const memory = memoryLimit()
    return {
      at: Date.now(),
      rss: null,
      cpu: null,
      diskRead: null,
      diskWrite: null,
      vram: null,
      gpuUse: gpu?.use ?? null,
      gpuTemperature: gpu?.temperature ?? null,
      gpuPower: gpu?.power ?? null,
      machineMemoryUsed: Math.max(0, memory - freemem()),
      machineMemoryTotal: memory,
      machineCpu: busy === null ? null : busy * availableParallelism() * 100,
      machineVramUsed: gpu?.vramUsed ?? null,
      machineVramTotal: gpu?.vramTotal ?? null,
    }
  }

  #tick(): void {
    const sample = this.sample()
    for (const listener of this.#listeners) listener(sample)
  }
}

function cpuTimes(): { busy: number; total: number } {
  let busy = 0
  let total = 0
  for (const { times } of cpus()) {
    const all = times.user + times.nice + times.sys + times.idle + times.irq
    total += all
    busy += all - times.idle
  }
  return { busy, total }
}
