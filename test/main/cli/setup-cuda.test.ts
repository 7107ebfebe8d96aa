// `monoscope setup cuda` as it is typed: its JSON, its lines, its help, wrong usage.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { tinyElf } from '../../helpers/elf.ts'
import { fakeDrivers, withDriver } from '../../helpers/nvidia-smi.ts'
import { serveFeed } from '../../helpers/nupkg.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { packageWith } from '../compute/cuda-machine.ts'

async function machine(driver: Parameters<typeof withDriver>[1]) {
  const root = await temporaryFolder()
  const env = {
    ...(await withDriver(root, driver)),
    ...(driver === null && { PATH: join(root, 'bin') }),
    HOME: root,
    XDG_CACHE_HOME: join(root, 'cache'),
    MONOSCOPE_RUNTIME: join(root, 'runtime'),
  }
  return (args: string[], more: Record<string, string> = {}) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [CLI, '--workspace', join(root, 'workspace'), ...args],
        { env: { ...env, ...more } },
        (error, stdout, stderr) => resolve({ code: error ? (child.exitCode ?? -1) : 0, stdout, stderr }),
      )
    })
}

describe('monoscope setup cuda', { timeout: 120_000 }, () => {
  it('prints what is missing, for scripts and for people', async () => {
    const monoscope = await machine(fakeDrivers.cuda12)
    const { feed } = await serveFeed(packageWith(tinyElf(['libcudart.so.12', 'libcublas.so.12'])))
    const scripted = await monoscope(['--json', 'setup', 'cuda'], { MONOSCOPE_NUGET_FEED: feed })
    // CUDA was wanted, and does not work
    expect(scripted).toMatchObject({ code: 1 })
    expect(JSON.parse(scripted.stdout)).toMatchObject({
      ok: false,
      cuda: null,
      cudnn: null,
      provider: expect.stringContaining('libonnxruntime_providers_cuda.so') as string,
      cudaNeeded: 12,
      missing: ['libcudnn.so.9', 'libcudart.so.12', 'libcublas.so.12'],
    })
    const { stdout } = await monoscope(['setup', 'cuda'])
    expect(stdout).toContain('Libraries are missing: libcudnn.so.9, libcudart.so.12, libcublas.so.12.')
    expect(stdout).toMatch(/^ {2}pip +pip install nvidia-cudnn-cu12 nvidia-cuda-runtime-cu12/m)
  })

  it('says without a GPU why there is nothing to set up', async () => {
    const monoscope = await machine(null)
    const { code, stdout } = await monoscope(['setup', 'cuda', '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, provider: null, cuda: null, cudnn: null })
  })

  it('explains itself, and refuses what it does not know', async () => {
    const monoscope = await machine(null)
    const help = await monoscope(['setup', 'cuda', '--help'])
    for (const flag of ['--file', '--sha256', '--feed']) expect(help.stdout).toContain(flag)
    expect((await monoscope(['--help'])).stdout).toMatch(/^ {2}setup\b/m)
    expect((await monoscope(['setup', 'nonsense'])).code).toBe(2)
    const short = await monoscope(['setup', 'cuda', '--json', '--sha256', 'abc'])
    expect(JSON.parse(short.stdout)).toMatchObject({ error: { code: 'jobs/params' } })
    expect((await monoscope(['completion', 'bash'])).stdout).toContain('setup) words="cuda ')
  })
})
