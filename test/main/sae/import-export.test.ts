// SAEs brought into a workspace and copied out of it: nothing is lost on the way, and nothing is written over.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { looksLikeSae } from '../../../src/main/sae/exchange/read-sae.ts'
import { exportSae } from '../../../src/main/sae/exchange/export-sae.ts'
import { importSae, readOrigin } from '../../../src/main/sae/exchange/import-sae.ts'
import { readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import { tinyLlama } from '../../helpers/llama.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const golden = (name: string) => join(import.meta.dirname, '../../golden/saelens', name)
const quiet = { onProgress: () => undefined, checkpoint: () => Promise.resolve() }
const names = async (folder: string) => (await readdir(folder)).sort()

describe('an SAE', () => {
  it.each(['standard', 'topk', 'gated', 'jumprelu'])(
    '%s is imported, exported and imported alike',
    async (name) => {
      const root = await temporaryFolder()
      const [source, first, out, second] = ['source', 'first', 'deep/out', 'second'].map((at) =>
        join(root, at),
      )
      const { sae } = await readSaeFolder(golden(name))
      await writeSae(source!, sae, new Float32Array(sae.F).fill(0.25))
      const imported = await importSae(source!, first!)
      expect(imported).toMatchObject({ format: 'SAELens', name: 'source' })
      expect(await readOrigin(first!)).toEqual({ name: 'source', format: 'SAELens', from: source })
      const progress: number[] = []
      const bytes = await exportSae(first!, out!, {
        ...quiet,
        onProgress: (done, total) => progress.push(done / total),
      })
      expect(bytes).toBeGreaterThan(4 * 2 * 16 * 64)
      expect(progress.at(-1)).toBe(1)
      expect(progress).toEqual(progress.toSorted((a, b) => a - b))
      await importSae(out!, second!, { name: 'Again' })
      for (const folder of [first!, out!, second!]) {
        expect((await readSaeFolder(folder)).sae).toEqual(sae)
        expect(await readFile(join(folder, 'sparsity.safetensors'))).toEqual(
          await readFile(join(source!, 'sparsity.safetensors')),
        )
      }
      expect(await readOrigin(second!)).toMatchObject({ name: 'Again' })
    },
  )

  it('is imported whole or not at all, and again in place of what an attempt left', async () => {
    const root = await temporaryFolder()
    const broken = join(root, 'broken')
    await cp(golden('topk'), broken, { recursive: true })
    const weights = await readFile(join(broken, 'sae_weights.safetensors'))
    await writeFile(join(broken, 'sae_weights.safetensors'), weights.subarray(0, -9))
    await expect(importSae(broken, join(root, 'a'))).rejects.toMatchObject({ code: 'checkpoint/truncated' })
    expect(await names(root)).toEqual(['broken'])
    await mkdir(join(root, 'a'))
    await writeFile(join(root, 'a', 'half.part'), '')
    await importSae(golden('topk'), join(root, 'a'))
    expect(await names(join(root, 'a'))).toEqual(['cfg.json', 'imported.json', 'sae_weights.safetensors'])
  })

  it('leaves checkpoints and files in passing behind when it is exported, and writes over nothing', async () => {
    const root = await temporaryFolder()
    const [source, out] = [join(root, 'source'), join(root, 'out')]
    await cp(golden('gated'), source, { recursive: true })
    await mkdir(join(source, 'checkpoints'))
    await Promise.all(['metrics.sqlite', 'metrics.sqlite-wal'].map((at) => writeFile(join(source, at), 'x')))
    await mkdir(out)
    await exportSae(source, out, quiet)
    const files = ['cfg.json', 'golden.safetensors', 'metrics.sqlite', 'sae_weights.safetensors']
    expect(await names(out)).toEqual(files)
    await expect(exportSae(source, out, quiet)).rejects.toMatchObject({
      code: 'export/not-empty',
      hint: expect.stringContaining(join(out, 'source')) as string,
    })
    const stopped = { ...quiet, checkpoint: () => Promise.reject(new Error('stopped')) }
    await expect(exportSae(source, join(root, 'half'), stopped)).rejects.toThrow('stopped')
    expect(await names(root)).toEqual(['out', 'source'])
    await mkdir(join(root, 'begun'))
    await expect(exportSae(join(root, 'begun'), join(root, 'x'), quiet)).rejects.toMatchObject({
      code: 'export/not-finished',
    })
  })
})

describe('what is imported', () => {
  it('is told from a model, and a pickle from both', async () => {
    expect(await looksLikeSae(golden('standard'))).toBe(true)
    expect(await looksLikeSae(tinyLlama.folder)).toBe(false)
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'weights.pt'), 'PK\x03\x04')
    await expect(looksLikeSae(folder)).rejects.toMatchObject({ code: 'sae/pickle' })
    await expect(looksLikeSae(join(folder, 'weights.pt'))).rejects.toMatchObject({ code: 'sae/pickle' })
    // a model's own pickles are for its reader to refuse
    await writeFile(join(folder, 'config.json'), '{}')
    expect(await looksLikeSae(folder)).toBe(false)
  })
})
