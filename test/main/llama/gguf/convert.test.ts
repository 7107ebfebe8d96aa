// GGUF files become folders that open like any other: the same numbers, in Hugging Face's order and under its names.
import { readdirSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { WeightTensor } from '../../../../src/main/llama/checkpoint.ts'
import { blockTypes } from '../../../../src/main/llama/gguf/block-types.ts'
import { convertGguf } from '../../../../src/main/llama/gguf/convert.ts'
import { dequantise } from '../../../../src/main/llama/gguf/dequantise.ts'
import { readGolden } from '../../../../src/main/llama/golden.ts'
import { openCheckpoint } from '../../../../src/main/llama/open-checkpoint.ts'
import { checkParity } from '../../../../src/main/llama/parity.ts'
import { readSafetensorsHeader } from '../../../../src/main/llama/safetensors.ts'
import { smallConfig } from '../../../helpers/checkpoint-folder.ts'
import { type Entry, float32Bytes, ggufFile, type GgufParts } from '../../../helpers/gguf-file.ts'
import { cpuWith } from '../../../helpers/llama.ts'
import { smallMetadata, smallTensors } from '../../../helpers/small-gguf.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

const golden = join(import.meta.dirname, '../../../golden')
const quantised = join(golden, 'tiny-llama-q8.gguf')
const folderFiles = [
  'blocks.safetensors',
  'config.json',
  'generation_config.json',
  'model.safetensors',
  'tokenizer.json',
  'tokenizer_config.json',
]

describe('a quantised file', () => {
  it('becomes a checkpoint whose numbers are transformers’ own', async () => {
    const folder = join(await temporaryFolder(), 'model')
    const seen: number[] = []
    await convertGguf(quantised, folder, { onProgress: (done, total) => seen.push(done / total) })
    expect(readdirSync(folder).sort()).toEqual(folderFiles)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    expect([seen[0], seen.at(-1)]).toEqual([0, 1])
    const checkpoint = await openCheckpoint(folder)
    expect(checkpoint.config).toMatchObject({ normEpsilon: 1e-5, tiedHead: true, bosId: 0, eosIds: [1] })
    const parity = await checkParity(
      checkpoint,
      await readGolden(join(golden, 'tiny-llama-q8.safetensors')),
      {
        device: cpuWith(),
      },
    )
    expect(parity.greedyMatch).toBe(true)
    expect(parity.maxRelHidden).toBeLessThan(1e-4)
    expect(parity.maxRelLogit).toBeLessThan(1e-4)
  })

  it('keeps its blocks, row by row the same numbers', async () => {
    const folder = await temporaryFolder()
    await convertGguf(quantised, folder)
    const { weights } = await openCheckpoint(folder)
    const path = join(folder, 'blocks.safetensors')
    const { tensors, metadata } = await readSafetensorsHeader(path)
    const types = JSON.parse(metadata.blocks!) as Record<string, string>
    expect(Object.keys(types).length).toBe(1 + 4 * 7)
    expect(new Set(Object.values(types))).toEqual(new Set(['Q8_0']))
    const type = blockTypes.get(8)!
    const blocks = await readFile(path)
    for (const [name, { offset, length, shape }] of tensors) {
      const weight = weights.get(name)!
      const [rows, width] = weight.shape as [number, number]
      expect(shape).toEqual([rows, (width / 32) * 34])
      const numbers = new Float32Array(rows * width)
      dequantise(type, blocks.subarray(offset, offset + length), numbers)
      expect(numbers, name).toEqual(numbersOf(folder, weight))
    }
  })

  it('loses its blocks’ file when a plain one takes its place', async () => {
    const folder = await temporaryFolder()
    await convertGguf(quantised, folder)
    await convertGguf(await small(), folder)
    expect(readdirSync(folder).sort()).toEqual(folderFiles.filter((name) => name !== 'blocks.safetensors'))
    expect((await openCheckpoint(folder)).config.width).toBe(smallConfig.hidden_size)
  })
})

describe('a plain file', () => {
  it('keeps its numbers, rows of rotary pairs in Hugging Face’s order', async () => {
    const folder = await temporaryFolder()
    const tensors = smallTensors()
    const half = new Uint16Array(12 * 8).map((_, index) => 0x3c00 + index)
    tensors['blk.1.ffn_up.weight'] = { shape: [12, 8], type: 1, bytes: new Uint8Array(half.buffer) }
    tensors['blk.1.ffn_gate.weight'] = { shape: [12, 8], type: 30, bytes: new Uint8Array(half.buffer) }
    await convertGguf(await small({}, tensors), folder)
    const { weights, config } = await openCheckpoint(folder)
    expect(config).toMatchObject({ keyHeads: 1, headWidth: 6, tiedHead: false, rope: { kind: 'default' } })
    const embedding = weights.get('model.embed_tokens.weight')!
    expect([...numbersOf(folder, embedding)]).toEqual(Array.from({ length: 80 }, (_, index) => index))
    // heads of six rows: pairs (0, 1), (2, 3), (4, 5) in the file, first halves then second halves here
    const query = numbersOf(folder, weights.get('model.layers.0.self_attn.q_proj.weight')!)
    const rows = Array.from({ length: 12 }, (_, row) => query[row * 8]! / 8)
    expect(rows).toEqual([0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11])
    const value = numbersOf(folder, weights.get('model.layers.0.self_attn.v_proj.weight')!)
    expect(value[8]! / 8).toBe(1)
    for (const [name, dtype] of [
      ['up', 'float16'],
      ['gate', 'bfloat16'],
    ]) {
      const weight = weights.get(`model.layers.1.mlp.${name}_proj.weight`)!
      expect(weight.dtype).toBe(dtype)
      expect(bytesOf(folder, weight)).toEqual(Buffer.from(half.buffer))
    }
  })

  it('may have biases and a head that is the embedding', async () => {
    const folder = await temporaryFolder()
    const config = { ...smallConfig, attention_bias: true, mlp_bias: true, tie_word_embeddings: true }
    await convertGguf(await small({}, smallTensors(config)), folder)
    const { weights, config: found } = await openCheckpoint(folder)
    expect(found).toMatchObject({ attentionBias: true, mlpBias: true, tiedHead: true })
    const bias = numbersOf(folder, weights.get('model.layers.1.self_attn.k_proj.bias')!)
    expect([...bias]).toEqual([0, 2, 4, 1, 3, 5])
  })

  it('of version 2, with an alignment and ends of its own', async () => {
    const folder = await temporaryFolder()
    const metadata = smallMetadata({ 'general.alignment': ['uint32', 32] })
    await convertGguf(await written({ version: 2, metadata, tensors: smallTensors() }), folder)
    // the end of a turn is an end too, found by its text
    expect((await openCheckpoint(folder)).config).toMatchObject({ bosId: 0, eosIds: [1, 6] })
  })

  const llama3 = [1, 1.5, 32]
  it.each<[string, Record<string, Entry>, number[] | null, object]>([
    ['no scaling', {}, null, { kind: 'default', theta: 10_000 }],
    ['divisors of one', {}, [1, 1, 1], { kind: 'default', theta: 10_000 }],
    [
      'linear',
      { 'llama.rope.scaling.factor': ['float32', 4] },
      null,
      { kind: 'linear', theta: 10_000, factor: 4 },
    ],
    [
      'a factor that is switched off',
      { 'llama.rope.scaling.type': ['text', 'none'], 'llama.rope.scaling.factor': ['float32', 4] },
      null,
      { kind: 'default', theta: 10_000 },
    ],
  ])('positions with %s', async (_what, metadata, divisors, rope) => {
    const folder = await temporaryFolder()
    const tensors = smallTensors()
    if (divisors) tensors['rope_freqs.weight'] = { shape: [3], type: 0, bytes: float32Bytes(divisors) }
    await convertGguf(await small(metadata, tensors), folder)
    expect((await openCheckpoint(folder)).config.rope).toEqual(rope)
  })

  it('positions with llama3’s divisors', async () => {
    const folder = await temporaryFolder()
    const tensors = smallTensors()
    // frequencies 1, 0.0464 and 0.00215: of 64 positions 10.2, 0.47 and 0.02 turns
    tensors['rope_freqs.weight'] = { shape: [3], type: 0, bytes: float32Bytes([1, 8, 8]) }
    await convertGguf(await small({}, tensors), folder)
    expect((await openCheckpoint(folder)).config.rope).toMatchObject({
      kind: 'llama3',
      factor: 8,
      originalPositions: 64,
    })
  })

  it.each<[string, Record<string, Entry>, number[] | null]>([
    ['is scaled by yarn', { 'llama.rope.scaling.type': ['text', 'yarn'] }, null],
    ['is not what llama3’s formula gives', {}, llama3],
    ['both scale them', { 'llama.rope.scaling.factor': ['float32', 4] }, [1, 8, 8]],
    ['has 2 numbers for heads of 6', {}, [1, 8]],
  ])('positions are refused: %s', async (message, metadata, divisors) => {
    const tensors = smallTensors()
    if (divisors)
      tensors['rope_freqs.weight'] = { shape: [divisors.length], type: 0, bytes: float32Bytes(divisors) }
    await expect(convertGguf(await small(metadata, tensors), await temporaryFolder())).rejects.toMatchObject({
      code: 'config/rope',
      message: expect.stringContaining(message.replace('is scaled', 'are scaled')) as string,
    })
  })
})

describe('a conversion', () => {
  it('that was cancelled leaves nothing, and is started again', async () => {
    const folder = await temporaryFolder()
    const controller = new AbortController()
    const onProgress = (done: number) => done > 0 && controller.abort()
    await expect(
      convertGguf(quantised, folder, {
        onProgress: (done) => void onProgress(done),
        signal: controller.signal,
      }),
    ).rejects.toMatchObject({ kind: 'cancelled' })
    expect(readdirSync(folder)).toEqual([])
    await writeFile(join(folder, '.model.safetensors.0123456789ab.tmp'), 'what a killed process left')
    await convertGguf(quantised, folder)
    expect(readdirSync(folder).sort()).toEqual(folderFiles)
  })

  it.each<[string, Record<string, Entry | null>, code: string, message: string]>([
    [
      'another architecture',
      { 'general.architecture': ['text', 'qwen2'] },
      'config/architecture',
      'the architecture qwen2',
    ],
    ['no architecture', { 'general.architecture': null }, 'config/architecture', '(none)'],
    ['experts', { 'llama.expert_count': ['uint32', 8] }, 'config/architecture', 'a mixture of 8 experts'],
    ['one part of many', { 'split.count': ['uint32', 3] }, 'gguf/split', 'is one of 3 parts'],
    ['no width', { 'llama.embedding_length': null }, 'gguf/metadata', 'llama.embedding_length is missing'],
    ['a width that is a text', { 'llama.embedding_length': ['text', '8'] }, 'gguf/metadata', 'is no number'],
    [
      'key heads of each layer',
      { 'llama.attention.head_count_kv': ['list', 'uint32', [1, 2]] },
      'gguf/metadata',
      'llama.attention.head_count_kv is no number',
    ],
    [
      'half-turned heads',
      { 'llama.rope.dimension_count': ['uint32', 2] },
      'gguf/metadata',
      'positions turn 2 of the 6',
    ],
    [
      'wider values',
      { 'llama.attention.value_length': ['uint32', 8] },
      'gguf/metadata',
      'values are 8 wide and keys 6',
    ],
    ['a million layers', { 'llama.block_count': ['uint32', 1e6] }, 'config/wrong', 'num_hidden_layers'],
    [
      'more layers than it has',
      { 'llama.block_count': ['uint32', 3] },
      'checkpoint/missing-tensor',
      'has no blk.2.',
    ],
    [
      'another MLP than it says',
      { 'llama.feed_forward_length': ['uint32', 13] },
      'checkpoint/wrong-shape',
      'blk.0.ffn_gate.weight is 12 × 8, and the metadata',
    ],
  ])('of a file with %s is refused before anything is written', async (_what, changes, code, message) => {
    const folder = await temporaryFolder()
    await expect(convertGguf(await small(changes), folder)).rejects.toMatchObject({
      kind: 'expected',
      code,
      message: expect.stringContaining(message) as string,
      hint: expect.any(String) as string,
    })
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a file that lacks a tensor names it', async () => {
    const tensors = smallTensors()
    delete tensors['blk.0.ffn_norm.weight']
    await expect(convertGguf(await small({}, tensors), await temporaryFolder())).rejects.toMatchObject({
      code: 'checkpoint/missing-tensor',
      message: expect.stringContaining('has no blk.0.ffn_norm.weight (8)') as string,
    })
  })

  it('of a file with a type that is not read names it', async () => {
    const tensors = smallTensors()
    tensors['blk.0.ffn_up.weight'] = { ...tensors['blk.0.ffn_up.weight']!, type: 23 }
    await expect(convertGguf(await small({}, tensors), await temporaryFolder())).rejects.toMatchObject({
      code: 'gguf/type',
      message: expect.stringContaining('blk.0.ffn_up.weight is stored as IQ4_XS') as string,
    })
  })
})

async function small(
  changes: Readonly<Record<string, Entry | null>> = {},
  tensors: GgufParts['tensors'] = smallTensors(),
): Promise<string> {
  return written({ metadata: smallMetadata(changes), tensors })
}

async function written(parts: GgufParts): Promise<string> {
  const path = join(await temporaryFolder(), 'small.gguf')
  await writeFile(path, ggufFile(parts))
  return path
}

function bytesOf(folder: string, { file, offset, length }: WeightTensor): Buffer {
  return readFileSync(join(folder, file)).subarray(offset, offset + length)
}

function numbersOf(folder: string, weight: WeightTensor): Float32Array {
  return new Float32Array(new Uint8Array(bytesOf(folder, weight)).buffer)
}
