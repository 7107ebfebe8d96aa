// Hugging Face folders as they are found on disks: one file, shards, a cache of links, and all that can be wrong.
import { mkdir, readFile, realpath, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import {
  demandedTensors,
  smallConfig,
  writeCheckpoint,
  writeTensors,
} from '../../helpers/checkpoint-folder.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const tiny = join(import.meta.dirname, '../../golden/tiny-llama')
const embedding = 'model.embed_tokens.weight'
const query = 'model.layers.1.self_attn.q_proj.weight'

describe('a checkpoint', () => {
  it('opens from one file, its weights where they lie', async () => {
    const checkpoint = await openCheckpoint(tiny)
    expect(checkpoint).toMatchObject({
      folder: tiny,
      weightsFolder: tiny,
      parameters: 205_376,
      bytes: 410_752,
    })
    expect(checkpoint.weights.size).toBe(1 + 4 * 9 + 1)
    const weight = checkpoint.weights.get(query)!
    expect(weight).toMatchObject({
      dtype: 'bfloat16',
      shape: [64, 64],
      file: 'model.safetensors',
      length: 8192,
    })
    const bytes = await readFile(join(checkpoint.weightsFolder, weight.file))
    expect(weight.offset + weight.length).toBeLessThanOrEqual(bytes.length)
  })

  it('counts a head of its own', async () => {
    const tied = await openCheckpoint(
      await writeCheckpoint(await temporaryFolder(), { ...smallConfig, tie_word_embeddings: true }),
    )
    const own = await openCheckpoint(await writeCheckpoint(await temporaryFolder()))
    expect(own.parameters - tied.parameters).toBe(8 * 10)
    expect(own.bytes - tied.bytes).toBe(8 * 10 * 4)
    expect([own.weights.has('lm_head.weight'), tied.weights.has('lm_head.weight')]).toEqual([true, false])
  })

  it('may keep a tied embedding under the head’s name only', async () => {
    const config = { ...smallConfig, tie_word_embeddings: true }
    const tensors = demandedTensors(config)
    tensors.set('lm_head.weight', tensors.get(embedding)!)
    tensors.delete(embedding)
    const checkpoint = await openCheckpoint(await writeCheckpoint(await temporaryFolder(), config, tensors))
    expect(checkpoint.weights.get(embedding)?.shape).toEqual([10, 8])
  })

  it('needs biases where the configuration says so', async () => {
    const config = { ...smallConfig, attention_bias: true, mlp_bias: true }
    const folder = await writeCheckpoint(await temporaryFolder(), config)
    const { weights } = await openCheckpoint(folder)
    expect(weights.get('model.layers.0.self_attn.q_proj.bias')?.shape).toEqual([12])
    expect(weights.get('model.layers.0.mlp.down_proj.bias')?.shape).toEqual([8])
    await writeTensors(join(folder, 'model.safetensors'), demandedTensors(smallConfig))
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'checkpoint/missing-tensor',
      message: expect.stringContaining('model.layers.0.self_attn.q_proj.bias (12)') as string,
    })
  })

  it('opens from shards', async () => {
    const folder = await sharded()
    const { weights } = await openCheckpoint(folder)
    expect(weights.get(embedding)?.file).toBe('model-00001-of-00002.safetensors')
    expect(weights.get(query)?.file).toBe('model-00002-of-00002.safetensors')
  })

  // links need rights on Windows that people do not have
  it.skipIf(process.platform === 'win32')('opens from a cache of links', async () => {
    const root = await realpath(await temporaryFolder())
    const snapshot = join(root, 'snapshots', 'abc')
    await writeCheckpoint(snapshot)
    await mkdir(join(root, 'blobs'))
    for (const name of ['config.json', 'model.safetensors']) {
      await rename(join(snapshot, name), join(root, 'blobs', `${name}-hash`))
      await symlink(`../../blobs/${name}-hash`, join(snapshot, name))
    }
    const checkpoint = await openCheckpoint(snapshot)
    expect(checkpoint).toMatchObject({ folder: snapshot, weightsFolder: join(root, 'blobs') })
    expect(checkpoint.weights.get(query)?.file).toBe('model.safetensors-hash')
  })

  it.skipIf(process.platform === 'win32')(
    'names the folder that holds all shards, linked or not',
    async () => {
      const folder = await realpath(await sharded())
      const elsewhere = join(folder, 'other')
      await mkdir(elsewhere)
      await rename(join(folder, 'model-00002-of-00002.safetensors'), join(elsewhere, 'second'))
      await symlink('other/second', join(folder, 'model-00002-of-00002.safetensors'))
      const { weights, weightsFolder } = await openCheckpoint(folder)
      expect(weightsFolder).toBe(folder)
      expect(weights.get(query)?.file).toBe('other/second')
    },
  )
})

describe('a checkpoint is refused', () => {
  it('without its weights, saying what is there instead', async () => {
    const folder = await writeCheckpoint(await temporaryFolder())
    await rm(join(folder, 'model.safetensors'))
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'checkpoint/no-weights',
      hint: expect.stringContaining('config.json') as string,
    })
    await writeFile(join(folder, 'pytorch_model.bin'), '')
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      hint: expect.stringContaining('pytorch_model.bin can run code') as string,
    })
    await writeFile(join(folder, 'model-Q8_0.gguf'), '')
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      hint: 'Import the file model-Q8_0.gguf itself.',
    })
  })

  it('without a configuration', async () => {
    await expect(openCheckpoint(await temporaryFolder())).rejects.toMatchObject({ code: 'disk/missing' })
  })

  it.each([
    [
      'a missing tensor',
      'checkpoint/missing-tensor',
      `The weights have no ${query} (12 × 8), which config.json demands.`,
      null,
    ],
    [
      'a wrong shape',
      'checkpoint/wrong-shape',
      `${query} is 8 × 12, and config.json demands 12 × 8.`,
      { dtype: 'F32', shape: [8, 12] },
    ],
    [
      'a type that is not read',
      'checkpoint/wrong-dtype',
      `${query} is stored as I8, and F32, F16 and BF16 are read.`,
      { dtype: 'I8', shape: [12, 8] },
    ],
  ] as const)('for %s, naming the tensor', async (_what, code, message, tensor) => {
    const tensors = demandedTensors(smallConfig)
    if (tensor) tensors.set(query, tensor)
    else tensors.delete(query)
    const folder = await writeCheckpoint(await temporaryFolder(), smallConfig, tensors)
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code,
      message,
      hint: expect.any(String) as string,
    })
  })

  it('when its weights are cut off', async () => {
    const folder = await writeCheckpoint(await temporaryFolder())
    await truncate(join(folder, 'model.safetensors'), 4000)
    await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'checkpoint/truncated' })
  })

  it('when a shard lacks what the index says it has', async () => {
    const folder = await sharded()
    await writeTensors(join(folder, 'model-00002-of-00002.safetensors'), new Map())
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'checkpoint/missing-tensor',
      message: expect.stringMatching(
        /^model-00002-of-00002.safetensors has no .* though the index/,
      ) as string,
    })
  })

  it('when a shard is missing', async () => {
    const folder = await sharded()
    await rm(join(folder, 'model-00002-of-00002.safetensors'))
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'disk/missing',
      message: expect.stringContaining('model-00002-of-00002.safetensors') as string,
    })
  })

  it.each([
    '../../x',
    '../x.safetensors',
    '/etc/x.safetensors',
    'sub/x.safetensors',
    'sub\\x.safetensors',
    'C:x.safetensors',
    '.x.safetensors',
    'x.safetensors\0',
    'x\n.safetensors',
    'x',
    '',
  ])('when the index names %j', async (name) => {
    const folder = await sharded()
    const index = { weight_map: { [embedding]: name } }
    await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index))
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'checkpoint/bad-index',
      message: expect.stringContaining(JSON.stringify(name)) as string,
    })
  })

  it.each([
    ['{}', 'it has no weight_map of names'],
    ['{"weight_map": {}}', 'it names no file'],
    ['{"weight_map": {"a": 1}}', 'it has no weight_map of names'],
    [
      JSON.stringify({
        weight_map: Object.fromEntries(
          Array.from({ length: 1001 }, (_, i) => [`t${i}`, `m${i}.safetensors`]),
        ),
      }),
      'it names 1001 files, more than 1000',
    ],
  ])('when the index is %.40s', async (text, message) => {
    const folder = await sharded()
    await writeFile(join(folder, 'model.safetensors.index.json'), text)
    await expect(openCheckpoint(folder)).rejects.toMatchObject({
      code: 'checkpoint/bad-index',
      message: expect.stringContaining(message) as string,
    })
  })

  it('when the weights are a folder', async () => {
    const folder = await writeCheckpoint(await temporaryFolder())
    await rm(join(folder, 'model.safetensors'))
    await mkdir(join(folder, 'model.safetensors'))
    await expect(openCheckpoint(folder)).rejects.toMatchObject({ code: 'checkpoint/not-a-file' })
  })
})

/** The small model in two shards: the embedding, and the rest. */
async function sharded(): Promise<string> {
  const folder = await writeCheckpoint(await temporaryFolder())
  await rm(join(folder, 'model.safetensors'))
  const rest = demandedTensors(smallConfig)
  const first = new Map([[embedding, rest.get(embedding)!]])
  rest.delete(embedding)
  const names = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'] as const
  await writeTensors(join(folder, names[0]), first)
  await writeTensors(join(folder, names[1]), rest)
  const index = {
    metadata: { total_size: 0 },
    weight_map: Object.fromEntries([
      [embedding, names[0]],
      ...[...rest.keys()].map((name) => [name, names[1]] as const),
    ]) as object,
  }
  await writeFile(join(folder, 'model.safetensors.index.json'), JSON.stringify(index))
  return folder
}
