// `monoscope import`, `models` and `remove` as they are typed: JSON for scripts, lines for people, errors that help.
import { execFile } from 'node:child_process'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { tinyGguf, tinyLlama } from '../../helpers/models.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

async function commandLine() {
  const workspace = join(await temporaryFolder(), 'workspace')
  const run = (...args: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [CLI, '--workspace', workspace, ...args],
        // nothing answers there
        { env: { ...process.env, HF_ENDPOINT: 'http://127.0.0.1:9', VK_ICD_FILENAMES: '/no/such.json' } },
        (error, stdout, stderr) => resolve({ code: error ? (child.exitCode ?? -1) : 0, stdout, stderr }),
      )
    })
  return Object.assign(run, { workspace })
}

describe('models on the command line', { timeout: 120_000 }, () => {
  it('are imported, listed and removed', async () => {
    const monoscope = await commandLine()
    const imported = await monoscope('--json', 'import', tinyGguf)
    expect(imported.code).toBe(0)
    expect(JSON.parse(imported.stdout)).toMatchObject({
      ...{ id: 'tiny-llama-q8', kind: 'model', architecture: 'llama', parameters: 205_376 },
    })
    expect((await monoscope('import', tinyLlama, '--link', '--name', 'Linked')).code).toBe(0)
    const { stdout } = await monoscope('models')
    expect(stdout).toContain('tiny-llama-q8  205 k parameters  822 kB float32  copied')
    expect(stdout).toContain(`linked  Linked  205 k parameters  411 kB bfloat16  linked to ${tinyLlama}`)
    const removed = await monoscope('remove', 'lin')
    expect(removed.stdout).toMatch(/^Removed Linked; that freed 1\.\d+ kB\./)
    expect(removed.stdout).toContain(`${tinyLlama} stays.`)
    const listed = JSON.parse((await monoscope('models', '--json')).stdout) as { models: { id: string }[] }
    expect(listed.models.map(({ id }) => id)).toEqual(['tiny-llama-q8'])
    // a harvest whose job is gone is no model, and removed all the same
    await mkdir(join(monoscope.workspace, 'harvests', 'left-over'))
    expect((await monoscope('harvests')).stdout).toMatch(/^left-over +stopped .*its job is gone/)
    expect((await monoscope('remove', 'left')).stdout).toMatch(
      /^Removed the harvest left-over; that freed 0 B/,
    )
  })

  it('are told from SAEs, which are imported, listed, exported and removed as well', async () => {
    const monoscope = await commandLine()
    const golden = join(import.meta.dirname, '../../golden/saelens/gated')
    const imported = await monoscope('--json', 'import', golden, '--name', 'Golden')
    expect(imported.code).toBe(0)
    const { id, ...rest } = JSON.parse(imported.stdout) as { id: string }
    expect(rest).toMatchObject({ kind: 'sae', architecture: 'gated', name: 'Golden', directions: 16 })
    expect((await monoscope('saes')).stdout).toMatch(/^\w+ +ready +Golden +gated × 64 /)
    const out = join(monoscope.workspace, '..', 'out')
    const exported = await monoscope('--json', 'export', id.slice(0, 8), out)
    expect(JSON.parse(exported.stdout)).toMatchObject({ path: out })
    expect(await readdir(out)).toContain('sae_weights.safetensors')
    expect((await monoscope('remove', id)).stdout).toMatch(/^Removed the SAE \w+; that freed [\d.]+ kB\./)
  })

  it('that cannot be imported, found or downloaded are refused with a hint', async () => {
    const monoscope = await commandLine()
    const error = async (...args: string[]) => {
      const { stdout } = await monoscope('--json', ...args)
      return (JSON.parse(stdout) as { error: { code: string; hint?: string } }).error
    }
    expect(await error('import', CLI)).toMatchObject({ code: 'import/not-a-model' })
    expect(await error('remove', 'none')).toMatchObject({ code: 'models/unknown' })
    expect(await error('download', '../../x')).toMatchObject({ code: 'jobs/params' })
    expect((await monoscope('models')).stdout).toContain('No models yet')
    const { stdout } = await monoscope('models', '--catalogue')
    expect(stdout).toMatch(/meta-llama\/Llama-3\.2-1B +2\.47 GB .*Llama 3\.2 Community License, gated/)
  })
})
