// The devices of a host: probed when asked, remembered, chosen, and used by jobs.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { type DevicesState, deviceStatusSchema, preferred } from '../../../src/shared/devices.ts'
import { isActive } from '../../../src/shared/jobs/state.ts'
import type { JobResult } from '../../../src/shared/jobs/kinds.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'

const statuses = ({ devices }: DevicesState) => devices.map(({ id, state }) => `${id} ${state}`)

describe('devices', { timeout: 300_000 }, () => {
  // without a Vulkan driver WebGPU is soon found missing, which is all that is needed here
  beforeAll(() => {
    const before = process.env.VK_ICD_FILENAMES
    process.env.VK_ICD_FILENAMES = '/no/such.json'
    return () => {
      if (before === undefined) delete process.env.VK_ICD_FILENAMES
      else process.env.VK_ICD_FILENAMES = before
    }
  })

  it('are probed once watched, chosen, and remembered by the next host', async () => {
    const { client, workspace, close } = await testHost()
    expect((await client.call('host.describe', undefined)).device).toBe('CPU')
    const seen: DevicesState[] = []
    client.subscribe('devices.watch', undefined, { state: (state) => seen.push(state) })
    const state = await client.call('devices.list', undefined)
    expect(state.devices.map(({ provider }) => provider)).toEqual(['cuda', 'webgpu', 'cpu'])
    expect(statuses(state).slice(-2)).toEqual(['webgpu unusable', 'cpu usable'])
    expect(state).toMatchObject({ choice: 'auto', chosen: 'cpu' })
    expect(state.devices[1]?.fix?.command).toMatch(/vulkan/)
    expect(seen.some(({ devices }) => devices.some(({ state: one }) => one === 'probing'))).toBe(true)

    const { probedAt } = state.devices[2] ?? {}
    await close()
    const next = await testHost({ workspace })
    expect((await next.client.call('devices.list', undefined)).devices[2]?.probedAt).toBe(probedAt)
    await next.client.call('devices.probe', undefined)
    const again = await next.client.call('devices.list', undefined)
    expect(again.devices[2]?.probedAt).toBeGreaterThan(probedAt ?? Infinity)
  })

  it('are probed again when the driver, onnxruntime or the checks have changed, or nothing can be read', async () => {
    const { client, workspace, close } = await testHost()
    await client.call('devices.list', undefined)
    await close()
    const path = join(workspace, 'devices.json')
    const kept = await readFile(path, 'utf8')
    expect(kept).toMatch(/"cpu CPU \|.*\| onnxruntime \d+\.\d+\.\d+ \| checks \d+"/)
    for (const text of [kept.replace(/onnxruntime \d+/, 'onnxruntime 0'), '{ torn']) {
      await writeFile(path, text)
      const before = Date.now()
      const next = await testHost({ workspace })
      const { devices } = await next.client.call('devices.list', undefined)
      expect(devices[2]?.probedAt).toBeGreaterThanOrEqual(before)
      await next.close()
    }
  })

  it('can be chosen when they are usable', async () => {
    const { client } = await testHost()
    await expect(client.call('devices.choose', { id: 'tpu' })).rejects.toMatchObject({
      code: 'device/unknown',
    })
    await expect(client.call('devices.choose', { id: 'webgpu' })).rejects.toMatchObject({
      code: 'device/unusable',
      message: expect.stringContaining('Vulkan') as string,
    })
    expect(await client.call('devices.choose', { id: 'cpu' })).toMatchObject({ choice: 'cpu', chosen: 'cpu' })
    expect(await client.call('devices.choose', { id: 'auto' })).toMatchObject({ choice: 'auto' })
    await expect(client.call('settings.set', { device: 'tpu' })).rejects.toMatchObject({
      code: 'settings/value',
    })
  })

  it('are measured by the benchmark job, which waits for their probe', async () => {
    const { client } = await testHost()
    const { id } = await client.call('jobs.start', { kind: 'benchmark', params: {} })
    const job = await jobUntil(client, id, ({ state }) => !isActive(state))
    expect(job).toMatchObject({ state: 'done', progress: { phase: 'finished' } })
    const { measurements } = job.result as JobResult<'benchmark'>
    expect(measurements[0]).toMatchObject({ device: 'cpu', dtype: 'float32', size: 256 })
    for (const { gflops, seconds, size } of measurements) {
      expect(gflops).toBeCloseTo((8 * 2 * size ** 3) / seconds / 1e9, 3)
    }
    const missing = await client.call('jobs.start', { kind: 'benchmark', params: { device: 'cuda:7' } })
    const failed = await jobUntil(client, missing.id, ({ state }) => !isActive(state))
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'device/unusable' } })
  })
})

describe('the preferred device', () => {
  const device = (id: string, gflops: number | null) =>
    deviceStatusSchema.parse({
      ...{ id, provider: id, name: id, memory: null, driver: null, checking: null, reason: null, fix: null },
      state: gflops === null ? 'unusable' : 'usable',
      probedAt: null,
      numerics: gflops && {
        ...{ checks: [], float32: true, float16: null, gflops },
        attention: { float32: 'spelled-out', float16: null },
      },
    })

  it.each([
    [[20_000, 9_000, 100], 'cuda'],
    [[null, 9_000, 100], 'webgpu'],
    // software that plays a GPU
    [[null, 2, 100], 'cpu'],
    [[null, 2, null], 'webgpu'],
  ])('of %j is %s', ([cuda, webgpu, cpu], id) => {
    const devices = [
      device('cuda', cuda ?? null),
      device('webgpu', webgpu ?? null),
      device('cpu', cpu ?? null),
    ]
    expect(preferred(devices)?.id).toBe(id)
  })
})
