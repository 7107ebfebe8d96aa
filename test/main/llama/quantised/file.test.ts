// Models that compute with weights of few bits, against the same models with those weights written out.
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { requiredTensors } from '../../../../src/main/llama/architecture.ts'
import { batchOf } from '../../../../src/main/llama/batch.ts'
import type { Checkpoint } from '../../../../src/main/llama/checkpoint.ts'
import { convertGguf } from '../../../../src/main/llama/gguf/convert.ts'
import { Llama, type LlamaOptions } from '../../../../src/main/llama/llama.ts'
import { openCheckpoint } from '../../../../src/main/llama/open-checkpoint.ts'
import { openQuantised, type QuantisedWeights } from '../../../../src/main/llama/quantised/file.ts'
import { SafetensorsWriter } from '../../../../src/main/llama/safetensors-writer.ts'
import { AtomicFile, writeFileAtomic } from '../../../../src/main/store/atomic.ts'
import { canMount, smallDisk } from '../../../helpers/disk.ts'
import { cpuWith, sentence, tinyLlama } from '../../../helpers/llama.ts'
import { quantisedValues } from '../../../helpers/quantised.ts'
import { someNumbers } from '../../../helpers/run-graph.ts'
import { temporaryFolder } from '../../../helpers/temporary.ts'

const gguf = new URL('../../../golden/tiny-llama-q8.gguf', import.meta.url).pathname

let tiny: Checkpoint
beforeAll(async () => {
  tiny = await openCheckpoint(tinyLlama.folder)
})

/** Logits at every token of two prompts, and of one more token after each. */
async function logitsOf(checkpoint: Checkpoint, options: Partial<LlamaOptions>): Promise<Float32Array> {
  const llama = await Llama.open(checkpoint, { device: cpuWith(), ...options })
  try {
    const prompt = batchOf([sentence(11, 3), sentence(11, 4)])
    const at = Int32Array.from({ length: 22 }, (_, index) => index)
    const { logits, cache } = await llama.forward(prompt, { logitsAt: at })
    const more = { ...batchOf([[77], [33]]), lengths: Int32Array.of(12, 12) }
    const next = await llama.forward(more, { cache, logitsAt: Int32Array.of(0, 1) })
    return Float32Array.of(...logits, ...next.logits)
  } finally {
    await llama.close()
  }
}

/** Root of the mean squared difference, as a share of what is wanted. */
function error(found: Float32Array, wanted: Float32Array): number {
  let [difference, size] = [0, 0]
  for (const [index, number] of wanted.entries()) {
    difference += (found[index]! - number) ** 2
    size += number ** 2
  }
  return Math.sqrt(difference / size)
}

/** A model of the architecture of `config.json` with the numbers `of` gives for each tensor. */
async function written(
  folder: string,
  config: Readonly<Record<string, unknown>>,
  of: (name: string, shape: readonly number[]) => ArrayLike<number>,
): Promise<Checkpoint> {
  const base = JSON.parse(await readFile(join(tinyLlama.folder, 'config.json'), 'utf8')) as object
  await writeFileAtomic(join(folder, 'config.json'), JSON.stringify({ ...base, ...config }))
  const tensors = [...requiredTensors({ ...tiny.config, ...biased })].map(([name, shape]) => ({
    ...{ name, shape },
    dtype: 'F32' as const,
  }))
  const file = await SafetensorsWriter.create(join(folder, 'model.safetensors'), tensors, {})
  for (const { name, shape } of tensors) {
    await file.write(new Uint8Array(Float32Array.from(of(name, shape)).buffer))
  }
  await file.commit()
  return await openCheckpoint(folder)
}

const biased = { layers: 2, attentionBias: true, mlpBias: true, tiedHead: false }
const biasedJson = {
  num_hidden_layers: 2,
  attention_bias: true,
  mlp_bias: true,
  tie_word_embeddings: false,
}

function transposed(values: Float32Array, rows: number): Float32Array {
  const columns = values.length / rows
  return values.map((_, index) => values[(index % rows) * columns + Math.floor(index / rows)]!)
}

/** The numbers a file stands for, by Hugging Face's names. */
async function writtenOut({ folder, matrices }: QuantisedWeights): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>()
  for (const [name, { form, columns, parts, numbers, scales, offsets }] of matrices) {
    const file = await readFile(join(folder, numbers.file))
    const part = ({ offset, length }: typeof numbers) =>
      Uint8Array.from(file.subarray(offset, offset + length))
    const all = quantisedValues(form, {
      numbers: part(numbers),
      scales: new Float32Array(part(scales).buffer),
      offsets: offsets
        ? transposed(new Float32Array(part(offsets).buffer), columns / form.block)
        : new Float32Array(0),
    })
    const cut = name.lastIndexOf('.') + 1
    let at = 0
    for (const [index, module] of name.slice(cut).split('+').entries()) {
      const count = parts[index]! * columns
      tensors.set(`${name.slice(0, cut)}${module}.weight`, Float32Array.from(all.slice(at, at + count)))
      at += count
    }
  }
  return tensors
}

/** Blocks of 32 numbers: a scale and a minimum in float16, and 16 bytes of halves. */
function blocksQ41(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 20)
  const view = new DataView(bytes.buffer)
  for (let index = 0; index < bytes.length; index++) bytes[index] = (index * 2_654_435_761) >>> 13
  for (let block = 0; block < count; block++) {
    view.setFloat16(block * 20, 0.01 + (block % 7) / 300, true)
    view.setFloat16(block * 20 + 2, -0.2 + (block % 5) / 30, true)
  }
  return bytes
}

describe('weights of few bits', () => {
  test('are those of the blocks of a GGUF file', async () => {
    const folder = await temporaryFolder()
    await convertGguf(gguf, folder)
    const checkpoint = await openCheckpoint(folder)
    const [wanted, found] = [
      await logitsOf(checkpoint, {}),
      await logitsOf(checkpoint, { precision: 'int4' }),
    ]
    // x is rounded to 8 bits before each product, and nothing else
    expect(error(found, wanted)).toBeLessThan(0.05)
    expect(error(found, wanted)).toBeGreaterThan(0)
    const weights = await writtenOut(await openQuantised(checkpoint, folder))
    const { offset, length } = checkpoint.weights.get('model.layers.1.mlp.up_proj.weight')!
    const plain = (await readFile(join(folder, 'model.safetensors'))).subarray(offset, offset + length)
    expect(weights.get('model.layers.1.mlp.up_proj.weight')).toEqual(
      new Float32Array(Uint8Array.from(plain).buffer),
    )
  })

  test('are rounded from plain numbers; biases and a head of its own stay theirs', async () => {
    const [folder, twin] = [await temporaryFolder(), await temporaryFolder()]
    let seed = 0
    const original = await written(folder, biasedJson, (name, shape) => {
      const scale = shape.length === 2 ? 0.15 : 0.5
      return someNumbers(shape, ++seed, 0).data.map(
        (number) => number * scale + (name.includes('norm') ? 1 : 0),
      )
    })
    const weights = await writtenOut(await openQuantised(original, folder))
    const file = await readFile(join(folder, 'model.safetensors'))
    const rounded = await written(twin, biasedJson, (name) => {
      const { offset, length } = original.weights.get(name)!
      const plain = new Float32Array(Uint8Array.from(file.subarray(offset, offset + length)).buffer)
      return weights.get(name) ?? plain
    })
    const found = await logitsOf(original, { precision: 'int4' })
    expect(error(found, await logitsOf(rounded, {}))).toBeLessThan(0.02)
    expect(error(found, await logitsOf(original, {}))).toBeLessThan(0.2)
  })

  test('are looked up and multiplied by alike where the embedding is the head and has minima', async () => {
    const [folder, twin] = [await temporaryFolder(), await temporaryFolder()]
    const json = { ...biasedJson, tie_word_embeddings: true }
    let seed = 50
    const original = await written(folder, json, (_name, shape) =>
      someNumbers(shape, ++seed, 0).data.map((number) => number * 0.15),
    )
    const name = 'model.embed_tokens.weight'
    const [rows, columns] = original.weights.get(name)!.shape as [number, number]
    const blocks = await SafetensorsWriter.create(
      join(folder, 'blocks.safetensors'),
      [{ name, dtype: 'U8', shape: [rows, (columns / 32) * 20] }],
      { blocks: JSON.stringify({ [name]: 'Q4_1' }) },
    )
    await blocks.write(blocksQ41((rows * columns) / 32))
    await blocks.commit()
    const weights = await writtenOut(await openQuantised(original, folder))
    const file = await readFile(join(folder, 'model.safetensors'))
    const rounded = await written(twin, json, (tensor, shape) => {
      const place = original.weights.get(tensor)
      // the head that is written is not the model's
      if (!place) return someNumbers(shape, 1, 0).data
      const { offset, length } = place
      const plain = new Float32Array(Uint8Array.from(file.subarray(offset, offset + length)).buffer)
      return weights.get(tensor) ?? plain
    })
    const found = await logitsOf(original, { precision: 'int4' })
    expect(error(found, await logitsOf(rounded, {}))).toBeLessThan(0.02)
  })

  test('are refused where only a CPU computes with them', async () => {
    const folder = await temporaryFolder()
    const device = { ...cpuWith(), provider: 'cuda' as const, name: 'Some GPU' }
    const options = { device, precision: 'int4' as const, quantisedFolder: folder }
    await expect(Llama.open(tiny, options)).rejects.toMatchObject({ code: 'device/int4' })
  })

  test('are prepared once, and again when the file is damaged', async () => {
    const folder = await temporaryFolder()
    const told: number[] = []
    const options = { onProgress: (done: number, total: number) => told.push(done / total) }
    const { matrices, vectors } = await openQuantised(tiny, folder, options)
    expect(told.at(-1)).toBe(1)
    expect(told).toEqual(told.toSorted((a, b) => a - b))
    expect([...matrices.keys()].slice(0, 3)).toEqual([
      'model.embed_tokens',
      'model.layers.0.self_attn.q_proj+k_proj+v_proj',
      'model.layers.0.self_attn.o_proj',
    ])
    expect(vectors.size).toBe(2 * 4 + 1)
    const path = join(folder, 'int4.safetensors')
    const before = await stat(path)
    await openQuantised(tiny, folder)
    expect((await stat(path)).ino).toBe(before.ino)
    await truncate(path, before.size - 1)
    await openQuantised(tiny, folder)
    expect((await stat(path)).size).toBe(before.size)
  })

  test('leave no file when preparing them is cancelled', async () => {
    const folder = await temporaryFolder()
    await expect(openQuantised(tiny, folder, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      kind: 'cancelled',
    })
    await expect(stat(join(folder, 'int4.safetensors'))).rejects.toThrow('ENOENT')
  })

  test('leave no file when their process is killed, once they are prepared again', async () => {
    const folder = await temporaryFolder()
    const half = await AtomicFile.create(join(folder, 'int4.safetensors'))
    await half.write('half')
    await writeFile(join(folder, '.model.json.0123456789ab.tmp'), 'of another who writes there')
    await openQuantised(tiny, folder)
    expect((await readdir(folder)).sort()).toEqual(['.model.json.0123456789ab.tmp', 'int4.safetensors'])
    await half.abort()
  })

  test.skipIf(!canMount)(
    'need room on the disk, are refused without, and go on once there is (needs mount)',
    async () => {
      const disk = await smallDisk('512k')
      await writeFile(join(disk, 'filler'), Buffer.alloc(400 * 1024))
      await expect(openQuantised(tiny, disk)).rejects.toMatchObject({
        ...{
          kind: 'expected',
          code: 'disk/full',
          hint: expect.stringContaining('Free some space') as string,
        },
        message: expect.stringContaining('int4.safetensors') as string,
      })
      expect(await readdir(disk)).toEqual(['filler'])
      await rm(join(disk, 'filler'))
      expect((await openQuantised(tiny, disk)).folder).toBe(disk)
      expect(await readdir(disk)).toEqual(['int4.safetensors'])
    },
  )
})
