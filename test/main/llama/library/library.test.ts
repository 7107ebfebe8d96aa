// Which models the folders of a workspace hold, whether they are whole, and which one a person means.
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { headersOf } from '../../../../src/main/llama/library/hub.ts'
import { importModel } from '../../../../src/main/llama/library/import.ts'
import { resolveModel, scanModels } from '../../../../src/main/llama/library/library.ts'
import { testWork, tinyGguf, tinyLlama } from '../../../helpers/models.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

async function workspace() {
  const work = await testWork()
  const source = await temporaryFolder()
  await cp(tinyLlama, source, { recursive: true })
  await importModel({ path: source, link: true, name: 'Alpha one' }, work)
  await importModel({ path: source, link: false, name: 'Alpha two' }, await testWork(work))
  return { models: work.models, source }
}

describe('the models of a workspace', () => {
  it('are those with a manifest; what is damaged is named, what is not ours is left alone', async () => {
    const { models } = await workspace()
    await mkdir(join(models, 'half'))
    await mkdir(join(models, 'newer'))
    await writeFile(join(models, 'newer', 'model.json'), '{"format": 2}')
    await writeFile(join(models, 'a file'), '')
    const found = await scanModels(models)
    expect(found.models.map(({ id }) => id).sort()).toEqual(['alpha-one', 'alpha-two'])
    expect(found.damaged).toEqual([
      { id: 'newer', problem: expect.stringContaining('newer Monoscope') as string },
    ])
  })

  it('are meant by id, by a unique beginning of one, or by a path', async () => {
    const { models, source } = await workspace()
    const one = await resolveModel(models, 'alpha-one')
    expect(one).toMatchObject({
      ...{ id: 'alpha-one', name: 'Alpha one', folder: source, own: join(models, 'alpha-one') },
    })
    expect(one.hash).toMatch(/^[\da-f]{64}$/)
    expect(await resolveModel(models, 'alpha-t')).toMatchObject({
      ...{ id: 'alpha-two', folder: join(models, 'alpha-two'), hash: one.hash },
    })
    expect(await resolveModel(models, tinyLlama)).toEqual({
      ...{ id: null, name: tinyLlama, folder: tinyLlama, own: null, hash: null },
    })
    expect(await resolveModel(models, join(models, 'alpha-one'))).toMatchObject({ id: null, folder: source })
    for (const [text, code] of [
      ['alpha', 'models/ambiguous'],
      ['beta', 'models/unknown'],
      ['', 'models/unknown'],
      ['../jobs/none', 'models/unknown'],
      [tinyGguf, 'models/not-imported'],
    ] as const) {
      await expect(resolveModel(models, text)).rejects.toMatchObject({ kind: 'expected', code })
    }
    await rm(source, { recursive: true })
    await expect(resolveModel(models, 'alpha-one')).rejects.toMatchObject({ code: 'models/missing' })
  })
})

describe('the token', () => {
  it('goes to this machine or over TLS, and nowhere in the clear', () => {
    const sent = (endpoint: string) => 'authorization' in headersOf({ endpoint, token: 'hf_x' })
    expect(['https://huggingface.co', 'http://127.0.0.1:8080', 'http://localhost:1'].every(sent)).toBe(true)
    expect(['http://mirror.example', 'http://127.0.0.1.example'].some(sent)).toBe(false)
    expect(headersOf({ endpoint: 'https://huggingface.co', token: null })).toEqual({})
  })
})
