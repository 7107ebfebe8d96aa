// `monoscope doctor` as a person and a script meet it, with and without a workspace and a running host.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openHost } from '../../../src/main/host/host.ts'
import { builtCompute, CLI } from '../../helpers/built.ts'
import { fakeDrivers, withDriver } from '../../helpers/nvidia-smi.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

interface Ran {
  code: number
  stdout: string
  stderr: string
}

/** Without a Vulkan driver, so that the probes are short. */
function doctor(
  workspace: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, '--workspace', workspace, 'doctor', ...args],
      { env: { ...env, VK_ICD_FILENAMES: '/no/such.json' } },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
}

describe('the doctor', { timeout: 180_000 }, () => {
  it('works where there is no workspace, and makes none', async () => {
    const workspace = join(await temporaryFolder(), 'none')
    const { code, stdout } = await doctor(workspace, ['--json'])
    expect(code).toBe(0)
    expect(stdout.trim().split('\n')).toHaveLength(1)
    const report = JSON.parse(stdout) as { devices: { id: string; state: string }[] }
    expect(report).toMatchObject({
      onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      node: process.versions.node,
      electron: null,
      chosen: 'cpu',
      workspace: { path: workspace, freeBytes: expect.any(Number) as number, problem: null },
      host: { attached: false },
    })
    expect(report.devices.map(({ id }) => id).slice(-2)).toEqual(['webgpu', 'cpu'])
    expect(existsSync(workspace)).toBe(false)
  })

  it('leaves a folder that is no workspace alone, and says so', async () => {
    const workspace = join(await temporaryFolder(), 'photos')
    await mkdir(workspace)
    await writeFile(join(workspace, 'a.jpg'), '')
    const { code, stdout } = await doctor(workspace, [])
    expect(code).toBe(0)
    expect(stdout).toContain('is no Monoscope workspace')
    expect(await readdir(workspace)).toEqual(['a.jpg'])
  })

  it('asks the host that is running', async () => {
    const workspace = join(await temporaryFolder(), 'workspace')
    const host = await openHost({ workspace, kind: 'serve', version: '0.0.0', launch: builtCompute() })
    try {
      const { stdout } = await doctor(workspace, ['--json'])
      expect(JSON.parse(stdout)).toMatchObject({ host: { kind: 'serve', pid: process.pid, attached: true } })
    } finally {
      await host.close()
    }
  })

  it('tells a person what each device lacks and what fixes it, GPUs included', async () => {
    const root = await temporaryFolder()
    const env = { ...process.env, ...(await withDriver(root, fakeDrivers.two)) }
    const { code, stdout } = await doctor(join(root, 'none'), [], env)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^GPU 0 +NVIDIA A100-SXM4-80GB, 85\.9 GB, driver 580\.65\.06$/m)
    expect(stdout).toMatch(/^CUDA +the driver runs up to 13\.0$/m)
    expect(stdout).toMatch(/^✗ cuda:1 {2}NVIDIA GeForce GTX 1080$/m)
    expect(stdout).toContain('monoscope setup cuda')
    expect(stdout).toContain('sudo apt-get install libvulkan1')
    expect(stdout).toMatch(/^✓ CPU {2}\(work runs here\)$/m)
  })
})
