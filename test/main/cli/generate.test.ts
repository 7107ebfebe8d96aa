// `monoscope generate` as scripts and people meet it.
import { execFile, spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import { CLI } from '../../helpers/built.ts'
import { randomSae } from '../../helpers/random-sae.ts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

// a probe of WebGPU in software takes half a minute
const env = { ...process.env, VK_ICD_FILENAMES: '/no/such.json' }
const model = resolve('resources/demo/model')

// one for all, so that the devices are probed once
let workspace: string
beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'monoscope-generate-'))
})
afterAll(() => rm(workspace, { recursive: true, force: true }))

function generate(...args: string[]) {
  const all = [CLI, '--workspace', workspace, ...args]
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const child = execFile(process.execPath, all, { env }, (error, stdout, stderr) =>
      done({ code: error ? (child.exitCode ?? -1) : 0, stdout, stderr }),
    )
  })
}

describe('monoscope generate', { timeout: 120_000 }, () => {
  it('writes the text for people and JSON for scripts, the same for the same seed', async () => {
    const knobs = [
      '--max-tokens',
      '12',
      '--seed',
      '4',
      '--top-k',
      '50',
      '--temperature',
      '1.5',
      '--stop',
      'Ω',
    ]
    const json = await generate('--json', 'generate', '--model', model, ...knobs, 'The sea')
    expect(json.code).toBe(0)
    const result = JSON.parse(json.stdout) as { baseline: string; tokensPerSecond: number }
    expect(result).toMatchObject({ steered: null, end: 'length', tokens: 12, seed: 4 })
    expect(result.tokensPerSecond).toBeGreaterThan(0)
    // a checkpoint by its path from here
    const plain = await generate('generate', '--model', 'resources/demo/model', ...knobs, 'The sea')
    expect(plain.stdout).toBe(`${result.baseline}\n`)
    expect(plain.stderr).toMatch(/^12 tokens after \d+ of the prompt, .* tokens\/s; as long as asked for\.$/m)
  })

  it('steers with the features of an SAE', async () => {
    const sae = join(workspace, 'saes', 'small')
    const metadata = { hook_name: 'blocks.3.hook_resid_post', model_name: 'model' }
    await writeSae(sae, randomSae('jumprelu', 192, 64, { metadata }), null)
    const args = ['generate', '--model', model, '--sae', 'small', '--max-tokens', '8', 'The sea']
    const steer = ['--steer', '3=1.5,clamp:5=40', '--steer', '7=0.5@3']
    const { code, stdout } = await generate('--json', ...args, ...steer)
    const result = JSON.parse(stdout) as { baseline: string; steered: string; kl: number }
    expect([code, result]).toMatchObject([
      0,
      {
        ...{ tokens: 8, end: 'length', facts: { normFrom: 'sample', reads: 'thresholds' } },
        interventions: [
          { feature: 3, mode: 'add', strength: 1.5 },
          { feature: 5, mode: 'clamp', value: 40 },
          { feature: 7, mode: 'add', strength: 0.5, where: { feature: 3, threshold: 0 } },
        ],
      },
    ])
    expect(result.steered).not.toBe(result.baseline)
    expect(result.kl).toBeGreaterThan(0)
    // for people the steered text streams, and the other stands beside it
    const plain = await generate(...args, ...steer)
    expect(plain.stdout).toBe(`${result.steered}\n`)
    expect(plain.stderr).toContain(`Unsteered:${result.baseline}`)
    expect(plain.stderr).toContain(
      'Steered: add 3 at 1.5 × norm, clamp 5 at 40, add 7 at 0.5 × norm where 3 is above 0.',
    )
    const wrong = await generate('generate', ...args.slice(1), '--steer', '3=x')
    expect(wrong.stderr).toContain('"3=x" does not say how to steer.')
  })

  it('computes with weights of few bits, kept in the workspace also where the model is linked', async () => {
    const imported = await generate('--json', 'import', '--link', model)
    const { id } = JSON.parse(imported.stdout) as { id: string }
    const { code, stdout } = await generate(
      ...['--json', 'generate', '--model', id, '--precision', 'int4'],
      ...['--max-tokens', '12', '--temperature', '0', 'The sea'],
    )
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { end: 'length', tokens: 12 }])
    expect(await readdir(join(workspace, 'models', id))).toContain('int4.safetensors')
    expect(await readdir(model)).not.toContain('int4.safetensors')
    const outside = await generate('generate', '--model', model, '--precision', 'int4', 'The sea')
    expect(outside.code).toBeGreaterThan(0)
    expect(outside.stderr).toContain('Import it first, with --link')
  })

  it('refuses what makes no sense, with exit codes', async () => {
    const codes = async (...args: string[]) => {
      const { code, stdout } = await generate('--json', 'generate', ...args)
      const { error } = JSON.parse(stdout) as { error: { code: string } }
      return [code, error.code]
    }
    expect(await codes('--model', model, '--stop', '', 'The sea')).toEqual([2, 'usage'])
    expect(await codes('--model', model, '--top-p', '7', 'The sea')).toEqual([1, 'settings/value'])
    expect(await codes('--model', model, '--system', 'Be brief.', 'The sea')).toEqual([1, 'generate/system'])
  })

  it('ends at Ctrl-C with what it has written', async () => {
    const args = ['--workspace', workspace, 'generate', '--model', model, '--max-tokens', '10000', 'The sea']
    const child = spawn(process.execPath, [CLI, ...args], { env })
    onTestFinished(() => void child.kill('SIGKILL'))
    let stdout = ''
    let stderr = ''
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    child.stdout.on('data', (bytes: Buffer) => {
      if (stdout === '') child.kill('SIGINT')
      stdout += bytes.toString()
    })
    const code = await new Promise((done) => child.once('close', done))
    expect([code, stdout.endsWith('\n'), stderr.trim()]).toEqual([1, true, 'Cancelled.'])
  })
})
