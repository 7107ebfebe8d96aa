// Samples for tests: nothing known but what is given.
import type { Sample } from '../../src/shared/jobs/job.ts'

export function sampleAt(at: number, known: Partial<Sample> = {}): Sample {
  return {
    at,
    rss: null,
    cpu: null,
    diskRead: null,
    diskWrite: null,
    vram: null,
    gpuUse: null,
    gpuTemperature: null,
    gpuPower: null,
    machineMemoryUsed: null,
    machineMemoryTotal: null,
    machineCpu: null,
    machineVramUsed: null,
    machineVramTotal: null,
    ...known,
  }
}
