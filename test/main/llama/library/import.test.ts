// Models of this machine come into the workspace whole or not at all: by copy, by link, from GGUF, and after interruptions.
import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importModel } from '../../../../src/main/llama/library/import.ts'
import { scanModels } from '../../../../src/main/llama/library/library.ts'
import { canMount, smallDisk } from '../../../helpers/disk.ts'
import {
  sha256Hex,
  shardedFiles,
  testWork,
  tinyFiles,
  tinyGguf,
  tinyLlama,
  writeFiles,
} from '../../../helpers/models.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

const copy = (path: string, name?: string) => ({ path, link: false, ...(name !== undefined && { name }) })

describe('importing a folder', () => {
  it('copies what makes up the model and nothing else, and describes it', async () => {
    const source = await writeFiles(join(await temporaryFolder(), 'Tiny LLaMA (v1)'), {
      ...(await tinyFiles()),
      'tokenizer.json': '{}',
      'chat_template.jinja': '{{ messages }}',
      'README.md': '---\nlicense: mit\n---\n# Tiny',
      'pytorch_model.bin': 'pickled',
      'consolidated.safetensors': 'the same again',
    })
    const work = await testWork()
    const result = await importModel(copy(source), work)
    expect(result).toMatchObject({
      ...{ id: 'tiny-llama-v1', kind: 'model', architecture: 'llama', name: 'Tiny LLaMA (v1)' },
      ...{ parameters: 205_376, bytes: 410_752, linkedTo: null, already: false },
    })
    const folder = join(work.models, result.id)
    expect((await readdir(folder)).sort()).toEqual([
      'README.md',
      'chat_template.jinja',
      'config.json',
      'generation_config.json',
      'model.json',
      'model.safetensors',
      'tokenizer.json',
    ])
    const files = await tinyFiles()
    const lines = ['config.json', 'model.safetensors'].map((name) => `${sha256Hex(files[name]!)}  ${name}\n`)
    expect(result.hash).toBe(sha256Hex(Buffer.from(lines.join(''))))
    const [model] = (await scanModels(work.models)).models
    expect(model).toMatchObject({
      ...{ id: result.id, state: 'ready', problem: null, licence: 'mit', dtypes: ['bfloat16'] },
      ...{ origin: { kind: 'folder', path: source }, checkpoint: folder, linkedTo: null },
      architecture: { layers: 4, width: 64, heads: 4, keyHeads: 2, tiedHead: true },
    })
    expect(work.shown.at(-1)).toMatch(/^Copying (\d+)\/\1$/)
  })

  it('brings all shards that the index names', async () => {
    const source = await writeFiles(await temporaryFolder(), await shardedFiles())
    const work = await testWork()
    const { id, bytes } = await importModel(copy(source, 'Sharded'), work)
    expect(bytes).toBe(410_752)
    expect(await readdir(join(work.models, id))).toContain('model-00002-of-00002.safetensors')
  })

  it('goes on where it was stopped, and starts anew when the source has changed', async () => {
    const source = await temporaryFolder()
    await cp(tinyLlama, source, { recursive: true })
    const first = await testWork()
    first.stopAt = 0.2
    await expect(importModel(copy(source, 'Tiny'), first)).rejects.toThrow('stopped')
    expect(await readdir(first.models)).toEqual([])
    const part = join(first.folder, 'model', 'model.safetensors.part')
    const { size } = await stat(part)
    expect(size).toBeGreaterThan(0)

    // a process that was killed may leave a part that is longer than what it noted, or shorter
    await truncate(part, 100_000)
    const second = await testWork(first)
    const { id } = await importModel(copy(source, 'Tiny'), second)
    expect(second.lines[0]).toMatch(/^Continuing with /)
    const { 'model.safetensors': weights } = await tinyFiles()
    expect(await readFile(join(second.models, id, 'model.safetensors'))).toEqual(weights)

    const third = await testWork()
    third.stopAt = 0.2
    await expect(importModel(copy(source, 'Tiny'), third)).rejects.toThrow('stopped')
    await cp(join(source, 'config.json'), join(source, 'tokenizer.json'))
    const fourth = await testWork(third)
    await importModel(copy(source, 'Tiny'), fourth)
    expect(fourth.lines[0]).toContain('starts anew')
  })

  it('notices a copy that is not what was read', async () => {
    const source = await temporaryFolder()
    await cp(tinyLlama, source, { recursive: true })
    const first = await testWork()
    first.stopAt = 0.2
    await expect(importModel(copy(source), first)).rejects.toThrow('stopped')
    const part = join(first.folder, 'model', 'model.safetensors.part')
    await writeFile(part, Buffer.alloc((await stat(part)).size))
    await expect(importModel(copy(source), await testWork(first))).rejects.toMatchObject({
      code: 'import/copy',
    })
    expect(await readdir(first.models)).toEqual([])
    expect(await importModel(copy(source), await testWork(first))).toMatchObject({ already: false })
  })

  it('links a folder that stays where it is, and says when its files are gone or others', async () => {
    const source = await temporaryFolder()
    await cp(tinyLlama, source, { recursive: true })
    const work = await testWork()
    const { id, linkedTo } = await importModel({ path: source, link: true, name: 'Linked' }, work)
    expect(linkedTo).toBe(source)
    expect(await readdir(join(work.models, id))).toEqual(['model.json'])
    expect(work.shown.at(-1)).toMatch(/^Hashing (\d+)\/\1$/)
    const stateNow = async () => (await scanModels(work.models)).models[0]
    expect(await stateNow()).toMatchObject({ state: 'ready', checkpoint: source })
    await truncate(join(source, 'model.safetensors'), 1000)
    expect(await stateNow()).toMatchObject({
      state: 'changed',
      problem: expect.stringContaining('1000 bytes') as string,
    })
  })

  it('keeps a model that is there already, gives others of the same name another id, and copies what was only linked', async () => {
    const source = await temporaryFolder()
    await cp(tinyLlama, source, { recursive: true })
    const work = await testWork()
    const linked = await importModel({ path: source, link: true, name: 'One' }, work)
    const copied = await importModel(copy(source, 'One'), await testWork(work))
    expect([linked.id, copied.id]).toEqual(['one', 'one-2'])
    const again = await testWork(work)
    expect(await importModel(copy(source, 'Two'), again)).toMatchObject({
      id: 'one-2',
      name: 'One',
      already: true,
    })
    expect(again.lines).toContain('The workspace has this very model already, as one-2.')
    expect(await readdir(again.folder)).not.toContain('model')
  })

  it('refuses what is no model before anything is copied', async () => {
    const work = await testWork()
    const folder = await writeFiles(await temporaryFolder(), { 'model.Q8_0.gguf': 'GGUF', 'notes.txt': '' })
    const refused = (params: Parameters<typeof importModel>[0], code: string, hint: string) =>
      expect(importModel(params, work)).rejects.toMatchObject({
        ...{ kind: 'expected', code, hint: expect.stringContaining(hint) as string },
      })
    await refused(copy(folder), 'import/not-a-model', 'model.Q8_0.gguf')
    await refused(copy(join(folder, 'notes.txt')), 'import/not-a-model', 'config.json')
    await refused(copy('/no/such'), 'disk/missing', 'path')
    await refused({ path: tinyGguf, link: true }, 'import/gguf-link', 'without a link')
    const gpt2 = await writeFiles(join(folder, 'gpt2'), {
      ...(await tinyFiles()),
      'config.json': '{"architectures": ["GPT2LMHeadModel"], "model_type": "gpt2"}',
    })
    await refused(copy(gpt2), 'config/architecture', 'LLaMA')
    const cut = await writeFiles(join(folder, 'cut'), await tinyFiles())
    await truncate(join(cut, 'model.safetensors'), 300_000)
    await expect(importModel(copy(cut), work)).rejects.toMatchObject({ kind: 'expected' })
    await expect(importModel({ path: cut, link: true }, work)).rejects.toMatchObject({ kind: 'expected' })
    expect(await readdir(work.models)).toEqual([])
    expect(await readdir(work.folder)).toEqual([])
  })

  it.skipIf(process.platform === 'win32')('refuses a device or a pipe among its files', async () => {
    const work = await testWork()
    for (const [name, make] of [
      ['tokenizer.json', (path: string) => symlink('/dev/zero', path)],
      ['generation_config.json', (path: string) => void execFileSync('mkfifo', [path])],
      ['chat_template.jinja', (path: string) => mkdir(path)],
    ] as const) {
      const { 'config.json': config, 'model.safetensors': weights } = await tinyFiles()
      const folder = await writeFiles(await temporaryFolder(), {
        ...{ 'config.json': config!, 'model.safetensors': weights! },
      })
      await make(join(folder, name))
      for (const link of [false, true]) {
        await expect(importModel({ path: folder, link }, work)).rejects.toMatchObject({
          code: 'checkpoint/not-a-file',
          message: expect.stringContaining(name) as string,
        })
      }
    }
    expect(await readdir(work.models)).toEqual([])
  })

  it.skipIf(!canMount)('asks for the disk it needs first (needs mount)', async () => {
    const disk = await smallDisk('1m')
    const work = await testWork({ folder: join(disk, 'job'), models: join(disk, 'models') })
    await expect(importModel(copy(tinyLlama), work)).rejects.toMatchObject({ code: 'disk/full' })
    await expect(importModel(copy(tinyGguf), work)).rejects.toMatchObject({ code: 'disk/full' })
  })

  it.skipIf(!canMount)('takes it to another disk, where the models may lie (needs mount)', async () => {
    const models = await smallDisk('512m')
    const { folder } = await testWork()
    const work = await testWork({ folder, models })
    const { id } = await importModel(copy(tinyLlama), work)
    expect(await readdir(models)).toEqual([id])
    expect((await scanModels(models)).models).toMatchObject([{ id, state: 'ready' }])
    expect(await readFile(join(models, id, 'model.safetensors'))).toEqual(
      await readFile(join(tinyLlama, 'model.safetensors')),
    )
    expect(await readdir(folder)).not.toContain('model')
    expect(work.lines.join()).toContain('is on another disk')
    // what cannot fit there is refused, and leaves nothing
    const full = await testWork({ folder, models: await smallDisk('1m') })
    await expect(importModel(copy(tinyLlama), full)).rejects.toMatchObject({ code: 'disk/full' })
    expect(await readdir(full.models)).toEqual([])
  })
})

describe('importing a GGUF file', () => {
  it('converts it, keeps its blocks, and says where it came from', async () => {
    const work = await testWork()
    const { id, parameters } = await importModel(copy(tinyGguf), work)
    expect(id).toBe('tiny-llama-q8')
    expect(parameters).toBe(205_376)
    const { size } = await stat(tinyGguf)
    const [model] = (await scanModels(work.models)).models
    expect(model).toMatchObject({
      ...{ state: 'ready', dtypes: ['float32'], linkedTo: null },
      origin: { kind: 'gguf', path: tinyGguf, bytes: size },
    })
    expect(await readdir(join(work.models, id))).toContain('blocks.safetensors')
    const steps = [...new Set(work.shown.map((line) => line.split(' ')[0]))]
    expect(steps).toEqual(['Converting', 'Hashing'])
  })

  it('starts again after a cut, and registers nothing before', async () => {
    const first = await testWork()
    first.stopAt = 1
    await expect(importModel(copy(tinyGguf), first)).rejects.toThrow('stopped')
    expect(await readdir(first.models)).toEqual([])
    expect(await importModel(copy(tinyGguf), await testWork(first))).toMatchObject({ id: 'tiny-llama-q8' })
  })
})
