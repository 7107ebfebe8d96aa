// `monoscope train`, on a harvest by its path.
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { smallHarvest } from '../../helpers/small-harvest.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

// a probe of WebGPU in software takes half a minute
const env = { ...process.env, VK_ICD_FILENAMES: '/no/such.json' }

test('train leaves an SAE that says what it is, and refuses what cannot be', async () => {
  const root = await temporaryFolder()
  const harvest = join(root, 'harvest')
  await smallHarvest(harvest)
  const run = (...args: string[]) =>
    promisify(execFile)(
      process.execPath,
      [CLI, '--workspace', join(root, 'workspace'), '--json', 'train', '--harvest', harvest, ...args],
      { env },
    )
  const sizes = [
    '--width',
    '64',
    '--k',
    '12',
    '--batch',
    '64',
    '--tokens',
    '3200',
    '--warmup',
    '5',
    '--rate',
    '0.01',
  ]
  const { stdout, stderr } = await run('--variant', 'batchtopk', ...sizes)
  // what the doctor finds is a warning: half of the model's width is no sparse code
  expect(stderr).toMatch(/^Too much fires to be sparse: .* is 12 in steps .* Knob: k \(k\)\.$/m)
  const result = JSON.parse(stdout) as Record<string, number> & { id: string; path: string }
  expect(result.findings).toMatchObject([{ id: 'l0-saturated', knob: 'k' }])
  expect(result.steps).toBe(50)
  expect(result.path.endsWith(join('saes', result.id))).toBe(true)
  for (const key of ['fvu', 'deadShare']) {
    expect(result[key]).toBeGreaterThanOrEqual(0)
    expect(result[key]).toBeLessThan(1)
  }
  expect(result.l0).toBeGreaterThan(0)
  expect(result.tokensPerSecond).toBeGreaterThan(0)
  const files = [
    'cfg.json',
    'metrics.sqlite',
    'runner_cfg.json',
    'sae_weights.safetensors',
    'sparsity.safetensors',
  ]
  expect((await readdir(result.path)).sort()).toEqual(expect.arrayContaining(files))
  const config = JSON.parse(await readFile(join(result.path, 'cfg.json'), 'utf8')) as unknown
  expect(config).toMatchObject({
    architecture: 'jumprelu',
    d_in: 16,
    d_sae: 64,
    normalize_activations: 'none',
    metadata: { hook_name: 'blocks.1.hook_resid_post' },
  })
  await expect(run('--width', '64', '--k', '65')).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('"code":"sae/options"') as string,
  })
})
