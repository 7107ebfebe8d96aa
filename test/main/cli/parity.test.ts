// `monoscope parity`, on the model that ships with the app.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CLI } from '../../helpers/built.ts'
import { demoLlama, tinyLlama } from '../../helpers/llama.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

test('parity prints how far a model is from transformers, and refuses what does not belong together', async () => {
  const workspace = join(await temporaryFolder(), 'workspace')
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [CLI, '--workspace', workspace, '--json', 'parity', ...args])
  const { stdout } = await run(demoLlama.folder, demoLlama.golden)
  const found = JSON.parse(stdout) as Record<string, unknown>
  expect(found).toMatchObject({ device: 'CPU', precision: 'float32', greedyMatch: true })
  for (const key of ['maxRelHidden', 'maxRelLogit']) expect(found[key]).toBeLessThan(1e-4)
  for (const key of ['maxAbsHidden', 'maxAbsLogit']) expect(found[key]).toBeGreaterThan(0)
  await expect(run(tinyLlama.folder, demoLlama.golden)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The reference is of another model') as string,
  })
})
