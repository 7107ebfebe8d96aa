// Watching: what killed a process, what the GPUs do, what the kernel counts.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { explainDeath } from '../../../src/main/host/death.ts'
import { GpuWatch } from '../../../src/main/host/gpu-watch.ts'
import { MachineWatch } from '../../../src/main/host/machine-watch.ts'
import { countMemoryDeaths } from '../../../src/main/host/memory-deaths.ts'
import { retryDelay } from '../../../src/main/host/retry.ts'
import { parsePulse } from '../../../src/main/compute/pulse.ts'
import { sampleAt } from '../../helpers/samples.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const killed = { code: null, signal: 'SIGKILL' }
const aborted = { code: null, signal: 'SIGABRT' }
const full = sampleAt(1, { rss: 20e9, machineMemoryUsed: 23.5e9, machineMemoryTotal: 24e9 })
const calm = sampleAt(1, { rss: 1e9, machineMemoryUsed: 3e9, machineMemoryTotal: 24e9 })

describe('a death', () => {
  it.each([
    ['the kernel counted it', { exit: killed, memoryDeaths: 1, samples: [calm] }, 'job/out-of-memory'],
    ['memory was nearly full', { exit: killed, memoryDeaths: 0, samples: [full] }, 'job/out-of-memory'],
    ['somebody killed it', { exit: killed, memoryDeaths: 0, samples: [calm] }, 'job/killed'],
    ['nothing is known', { exit: killed, memoryDeaths: null, samples: [] }, 'job/killed'],
    [
      'the heap was full',
      { exit: aborted, errorLines: ['FATAL ERROR: Reached heap limit'] },
      'job/out-of-memory',
    ],
    [
      'an allocation failed',
      { exit: aborted, errorLines: ['terminate: std::bad_alloc'] },
      'job/out-of-memory',
    ],
    [
      'CUDA had none left',
      { exit: aborted, errorLines: ['CUDA error: CUDA_ERROR_OUT_OF_MEMORY'] },
      'job/out-of-memory',
    ],
    [
      'the GPU was full',
      { exit: aborted, samples: [sampleAt(1, { machineVramUsed: 23.9e9, machineVramTotal: 24e9 })] },
      'job/out-of-memory',
    ],
    ['it crashed', { exit: aborted, samples: [calm] }, 'job/crashed'],
    ['it gave up', { exit: { code: 7, signal: null } }, 'job/crashed'],
  ])('when %s', (_when, evidence, code) => {
    const error = explainDeath({ errorLines: [], samples: [], memoryDeaths: 0, ...evidence })
    expect(error.code).toBe(code)
    expect(error.hint).toBeTruthy()
  })

  it('by memory says how much was used', () => {
    const { message } = explainDeath({ exit: killed, errorLines: [], samples: [full], memoryDeaths: 1 })
    expect(message).toContain('20 GB')
    expect(message).toContain('23.5 GB of 24 GB')
  })
})

describe('the memory counters', () => {
  it('add up those there are', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'vmstat'), 'pgfault 9\noom_kill 2\n')
    await writeFile(join(folder, 'events'), 'low 0\noom 5\noom_kill 3\n')
    expect(countMemoryDeaths([join(folder, 'vmstat'), join(folder, 'events'), join(folder, 'none')])).toBe(5)
    expect(countMemoryDeaths([join(folder, 'none')])).toBeNull()
  })
})

describe('the GPU watch', () => {
  it.skipIf(process.platform === 'win32')('sums what nvidia-smi prints (needs a shell)', async () => {
    const command = join(await temporaryFolder(), 'nvidia-smi')
    await writeFile(
      command,
      `#!/bin/sh
case "$1" in
  *query-gpu*) echo "0, 40, 1000, 24000, 61, 150.5"; echo "1, 20, 500, 24000, 55, [N/A]" ;;
  *) echo "2026/01/01, 4242, 900" ;;
esac
sleep 5
`,
    )
    await chmod(command, 0o755)
    const watch = new GpuWatch(command)
    onTestFinished(() => watch.stop())
    watch.start()
    await expect.poll(() => watch.state?.vramByProcess.get(4242)).toBe(900 * 1024 * 1024)
    await expect.poll(() => watch.state?.use).toBe(60)
    expect(watch.state).toMatchObject({ vramUsed: 1500 * 1024 * 1024, temperature: 61, power: 150.5 })
  })

  it('knows nothing where there is no nvidia-smi', async () => {
    const watch = new GpuWatch('/no/such/nvidia-smi')
    watch.start()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(watch.state).toBeNull()
    watch.stop()
  })
})

describe('the machine watch', () => {
  it('tells about once a second, until nobody listens', async () => {
    const machine = new MachineWatch(new GpuWatch('/no/such/nvidia-smi'))
    const samples: number[] = []
    const stop = machine.listen((sample) => samples.push(sample.machineMemoryUsed ?? -1))
    await expect.poll(() => samples.length, { timeout: 5_000 }).toBeGreaterThan(0)
    stop()
    const heard = samples.length
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(samples.length).toBe(heard)
    expect(samples[0]).toBeGreaterThan(0)
  })
})

describe('small parts', () => {
  it('pauses between restarts grow, to a minute', () => {
    expect([1, 2, 3, 9].map(retryDelay)).toEqual([1_000, 4_000, 16_000, 60_000])
  })

  it('lines that are no pulse are not taken for one', () => {
    for (const line of ['', 'monoscope-pulse', 'monoscope-pulse {', 'monoscope-pulse {"rss":"x"}', 'text']) {
      expect(parsePulse(line)).toBeNull()
    }
  })
})
