// The driver as nvidia-smi tells of it, on machines that are not this one.
import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { driverProblem, findDriver } from '../../../../src/main/onnx/cuda/driver.ts'
import { fakeDrivers, type FakeDriver, withDriver } from '../../../helpers/nvidia-smi.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

async function find(driver: FakeDriver | null, more: Record<string, string> = {}) {
  return findDriver({ ...(await withDriver(await temporaryFolder(), driver)), ...more })
}

describe('the driver', () => {
  it('is told with its CUDA version and each GPU', async () => {
    const driver = await find(fakeDrivers.two)
    expect(driver).toEqual({
      version: '580.65.06',
      cuda: '13.0',
      gpus: [
        { index: 0, name: 'NVIDIA A100-SXM4-80GB', memory: 81920 * 1024 ** 2, computeCapability: '8.0' },
        { index: 1, name: 'NVIDIA GeForce GTX 1080', memory: 8192 * 1024 ** 2, computeCapability: '6.1' },
      ],
      problem: null,
    })
    // one that is new enough is enough
    expect(driverProblem(driver, 13)).toBeNull()
  })

  it('may be too old to know compute capabilities or the memory', async () => {
    const driver = await find({ version: '440.33', cuda: '10.2', gpus: [{ name: 'K80', memory: '[N/A]' }] })
    expect(driver.gpus).toEqual([{ index: 0, name: 'K80', memory: null, computeCapability: null }])
  })

  it.each([
    ['tooOld', 12, /470\.82\.01 runs CUDA up to 11\.4; this build needs CUDA 12/, /525 or newer/],
    ['cuda12', 13, /550\.54\.15 runs CUDA up to 12\.4; this build needs CUDA 13/, /580 or newer/],
    ['pascal', 13, /No GPU here runs CUDA 13/, /WebGPU/],
    ['noDevices', 13, /sees no GPU/, /--gpus all/],
    ['mismatch', 13, /updated while/, /Restart/],
    ['notRunning', 13, /not running/, /Secure Boot/],
    ['blocked', 13, /WSL/, /wsl --update/],
  ] as const)(
    '%s is not enough for CUDA %i, and the reason and the remedy are named',
    async (name, major, message, hint) => {
      const problem = driverProblem(await find(fakeDrivers[name]), major)
      expect(problem?.message).toMatch(message)
      expect(problem?.hint).toMatch(hint)
    },
  )

  it.each([
    ['cuda12', 12],
    ['cuda13', 12],
    ['cuda13', 13],
    ['pascal', 12],
  ] as const)('%s is enough for CUDA %i', async (name, major) => {
    expect(driverProblem(await find(fakeDrivers[name]), major)).toBeNull()
  })

  it('is judged by its own version where it tells no CUDA version', async () => {
    const gpus = [{ name: 'Tesla T4', memory: 15109 }] as const
    const old = await find({ version: '535.1', cuda: 'N/A', gpus })
    expect(old.cuda).toBeNull()
    expect(driverProblem(old, 13)?.hint).toContain('580')
    expect(driverProblem(old, 12)).toBeNull()
  })

  it('is missing where there is no nvidia-smi; in WSL it belongs into Windows', async () => {
    const folder = await temporaryFolder()
    expect((await findDriver({ PATH: folder })).problem?.message).toContain('No NVIDIA driver')
    const wsl = await findDriver({ PATH: folder, WSL_DISTRO_NAME: 'Ubuntu' })
    expect(wsl.problem?.hint).toContain('in Windows')
    expect((await find(fakeDrivers.notRunning, { WSL_DISTRO_NAME: 'Ubuntu' })).problem?.hint).toContain(
      'wsl --',
    )
    expect((await find(fakeDrivers.cuda13, { WSL_DISTRO_NAME: 'Ubuntu' })).problem).toBeNull()
  })

  it('that prints nonsense is a driver without a GPU, not a crash', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'nvidia-smi'), '#!/bin/sh\nprintf "\\377\\000 nonsense"\n')
    await chmod(join(folder, 'nvidia-smi'), 0o755)
    expect(await findDriver({ PATH: `${folder}:${process.env.PATH}` })).toMatchObject({
      version: null,
      gpus: [],
    })
  })
})
