// SAEs from and for other programs: SAELens' own numbers, round trips, and what is refused.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SafetensorsWriter } from '../../../src/main/llama/safetensors-writer.ts'
import { formatOf, readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { TensorFile } from '../../../src/main/sae/exchange/tensor-file.ts'
import type { Sae } from '../../../src/main/sae/sae.ts'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import { expectClose } from '../../helpers/llama.ts'
import { runSae } from '../../helpers/run-sae.ts'
import { someNumbers } from '../../helpers/run-graph.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const golden = (name: string) => join(import.meta.dirname, '../../golden/saelens', name)
const [D, F, B] = [16, 64, 32]

async function writeTensors(path: string, tensors: Record<string, { shape: number[]; data: Float32Array }>) {
  const planned = Object.entries(tensors).map(([name, { shape }]) => ({ name, shape, dtype: 'F32' as const }))
  const writer = await SafetensorsWriter.create(path, planned, {})
  for (const { data } of Object.values(tensors)) await writer.write(new Uint8Array(data.buffer))
  await writer.commit()
}

const numbers = (shape: number[], seed: number) => ({
  shape,
  data: Float32Array.from(someNumbers(shape, seed).data),
})

async function folderWith(config: object, name = 'cfg.json', sub = 'layers.3'): Promise<string> {
  const folder = join(await temporaryFolder(), sub)
  await mkdir(folder)
  await writeFile(join(folder, name), JSON.stringify(config))
  return folder
}

/** A copy of SAELens' standard folder with another configuration. */
async function changed(
  change: (config: Record<string, unknown>) => object,
  of = 'standard',
): Promise<string> {
  const folder = join(await temporaryFolder(), 'sae')
  await cp(golden(of), folder, { recursive: true })
  const config = JSON.parse(await readFile(join(folder, 'cfg.json'), 'utf8')) as Record<string, unknown>
  await writeFile(join(folder, 'cfg.json'), JSON.stringify(change(config)))
  return folder
}

describe('SAELens', () => {
  it.each(['standard', 'topk', 'gated', 'jumprelu'])('%s computes what SAELens computes', async (name) => {
    const { sae, format } = await readSaeFolder(golden(name))
    expect({ format, architecture: sae.architecture }).toEqual({ format: 'SAELens', architecture: name })
    const file = await TensorFile.open(join(golden(name), 'golden.safetensors'))
    const found = await runSae(sae, await file.read('x', [B, D]))
    expectClose(found.features, await file.read('features', [B, F]), 1e-4)
    expectClose(found.reconstruction, await file.read('reconstruction', [B, D]), 1e-4)
  })

  it.each(['standard', 'topk', 'gated', 'jumprelu'])('%s makes the round trip without loss', async (name) => {
    const { sae } = await readSaeFolder(golden(name))
    const folder = join(await temporaryFolder(), 'out')
    await writeSae(folder, sae, new Float32Array(F).fill(0.01))
    expect((await readSaeFolder(folder)).sae).toEqual(sae)
    const config = async (at: string) => JSON.parse(await readFile(join(at, 'cfg.json'), 'utf8')) as object
    expect(await config(folder)).toEqual(await config(golden(name)))
    const sparsity = await TensorFile.open(join(folder, 'sparsity.safetensors'))
    expect((await sparsity.read('sparsity', [F]))[0]).toBeCloseTo(-2, 6)
  })

  it('before version 6 is read by its old keys', async () => {
    const folder = await changed(({ metadata: _metadata, architecture: _, ...config }) => ({
      ...config,
      ...{ hook_point: 'blocks.2.hook_resid_post', hook_point_head_index: null, model_name: 'tiny-llama' },
      ...{ activation_fn_str: 'topk', activation_fn_kwargs: { k: 8 }, normalize_activations: false },
    }))
    const { sae } = await readSaeFolder(folder)
    expect(sae).toMatchObject({
      ...{ architecture: 'topk', k: 8, normalisation: 'none' },
      metadata: { hook_name: 'blocks.2.hook_resid_post', model_name: 'tiny-llama' },
    })
  })

  it('before version 6 stays what it is when it is written', async () => {
    const folder = await changed(({ metadata: _, architecture: __, ...config }) => ({
      ...{ ...config, sae_lens_version: '5.9.1' },
      ...{ hook_point: 'blocks.2.hook_resid_post', model_name: 'tiny-llama' },
    }))
    const { sae } = await readSaeFolder(folder)
    const out = join(await temporaryFolder(), 'out')
    await writeSae(out, sae, null)
    const again = (await readSaeFolder(out)).sae
    expect(again.tensors).toEqual(sae.tensors)
    expect(again.metadata).toMatchObject({
      hook_name: 'blocks.2.hook_resid_post',
      model_name: 'tiny-llama',
      sae_lens_version: expect.stringMatching(/^6\./) as string,
    })
  })

  it.each([
    ['constant_norm_rescale', 4],
    ['layer_norm', 3],
  ])('with %s gives the same features for a row that is longer', async (normalize_activations, times) => {
    const { sae } = await readSaeFolder(await changed((config) => ({ ...config, normalize_activations })))
    const x = Float32Array.from(someNumbers([B, D], 9).data)
    const longer = await runSae(
      sae,
      x.map((value) => value * times),
    )
    const found = await runSae(sae, x)
    // the little that is added to a standard deviation tells them apart
    expectClose(longer.features, found.features, 1e-4)
    expectClose(
      longer.reconstruction,
      found.reconstruction.map((value) => value * times),
      1e-4,
    )
  })

  it.each([
    [
      'another architecture',
      (config: object) => ({ ...config, architecture: 'temporal' }),
      'sae/architecture',
    ],
    [
      'another activation',
      (config: object) => ({ ...config, architecture: 'standard', activation_fn_str: 'tanh-relu' }),
      'sae/architecture',
    ],
    [
      'the heads of attention',
      (config: object) => ({ ...config, reshape_activations: 'hook_z' }),
      'sae/hook-z',
    ],
    [
      'a whitening',
      (config: object) => ({ ...config, normalize_activations: 'covariance_whitening' }),
      'sae/normalisation',
    ],
    ['another width', (config: object) => ({ ...config, d_sae: 32 }), 'sae/wrong-shape'],
    ['no width', (config: object) => ({ ...config, d_sae: undefined }), 'sae/foreign'],
    ['a width that is no number', (config: object) => ({ ...config, d_in: '16' }), 'sae/foreign'],
    ['a list for a configuration', () => [1, 2], 'sae/foreign'],
    [
      'thresholds that are not there',
      (config: object) => ({ ...config, architecture: 'jumprelu' }),
      'sae/missing-tensor',
    ],
  ])('is refused with %s', async (_, change, code) => {
    await expect(readSaeFolder(await changed(change))).rejects.toMatchObject({ kind: 'expected', code })
  })
})

describe('sparsify', () => {
  const tensors = {
    'encoder.weight': numbers([F, D], 1),
    'encoder.bias': numbers([F], 2),
    W_dec: numbers([F, D], 3),
    b_dec: numbers([D], 4),
  }
  const config = { d_in: D, num_latents: 0, expansion_factor: F / D, k: 8, normalize_decoder: true }

  it('is TopK of rows without b_dec', async () => {
    const folder = await folderWith(config)
    await writeTensors(join(folder, 'sae.safetensors'), tensors)
    const { sae, format } = await readSaeFolder(folder)
    expect(format).toBe('sparsify')
    expect(sae).toMatchObject({
      architecture: 'topk',
      k: 8,
      metadata: { hook_name: 'blocks.3.hook_resid_post' },
    })
    const x = numbers([B, D], 5).data
    const { features, reconstruction } = await runSae(sae, x)
    const t = (name: keyof typeof tensors) => tensors[name].data
    for (let row = 0; row < B; row++) {
      const pre = Array.from({ length: F }, (_, f) =>
        t('encoder.weight')
          .subarray(f * D, (f + 1) * D)
          .reduce((sum, w, d) => sum + w * (x[row * D + d]! - t('b_dec')[d]!), t('encoder.bias')[f]!),
      )
      const least = pre.toSorted((a, b) => b - a)[7]!
      const wanted = Float32Array.from(pre, (value) => (value >= least ? Math.max(0, value) : 0))
      expectClose(features.subarray(row * F, (row + 1) * F), wanted, 1e-5)
      const out = Float32Array.from({ length: D }, (_, d) =>
        wanted.reduce((sum, value, f) => sum + value * t('W_dec')[f * D + d]!, t('b_dec')[d]!),
      )
      expectClose(reconstruction.subarray(row * D, (row + 1) * D), out, 1e-5)
    }
  })

  it.each([{ transcode: true }, { skip_connection: true }, { activation: 'groupmax' }])(
    'with %o is refused',
    async (more) => {
      const folder = await folderWith({ ...config, ...more })
      await writeTensors(join(folder, 'sae.safetensors'), tensors)
      await expect(readSaeFolder(folder)).rejects.toMatchObject({ code: 'sae/architecture' })
    },
  )
})

describe('Llama Scope', () => {
  it('has its scale folded, and one threshold for all features', async () => {
    const norm = 8
    const folder = await folderWith(
      {
        ...{ d_model: D, d_sae: F, jump_relu_threshold: 0.4, hook_point_in: 'blocks.5.hook_resid_post' },
        dataset_average_activation_norm: { in: norm, out: norm },
      },
      'hyperparams.json',
    )
    await mkdir(join(folder, 'checkpoints'))
    const tensors = {
      'encoder.weight': numbers([F, D], 1),
      'encoder.bias': numbers([F], 2),
      'decoder.weight': numbers([D, F], 3),
      'decoder.bias': numbers([D], 4),
    }
    await writeTensors(join(folder, 'checkpoints/final.safetensors'), tensors)
    const { sae, format } = await readSaeFolder(folder)
    expect(format).toBe('Llama Scope')
    const scale = Math.sqrt(D) / norm
    const x = numbers([B, D], 5).data
    const { features, reconstruction } = await runSae(sae, x)
    const t = (name: keyof typeof tensors) => tensors[name].data
    const wanted = new Float32Array(B * F)
    const out = new Float32Array(B * D)
    for (let row = 0; row < B; row++) {
      for (let f = 0; f < F; f++) {
        let pre = t('encoder.bias')[f]!
        for (let d = 0; d < D; d++) pre += x[row * D + d]! * scale * t('encoder.weight')[f * D + d]!
        wanted[row * F + f] = pre > 0.4 * scale ? pre : 0
      }
      for (let d = 0; d < D; d++) {
        let sum = t('decoder.bias')[d]!
        for (let f = 0; f < F; f++) sum += wanted[row * F + f]! * t('decoder.weight')[d * F + f]!
        out[row * D + d] = sum / scale
      }
    }
    expectClose(features, wanted, 1e-5)
    expectClose(reconstruction, out, 1e-5)
  })

  it('without its norm is refused', async () => {
    const folder = await folderWith({ d_model: D, d_sae: F, jump_relu_threshold: 0.4 }, 'hyperparams.json')
    await expect(readSaeFolder(folder)).rejects.toMatchObject({ code: 'sae/foreign' })
  })
})

describe('a folder', () => {
  it.each(['ae.pt', 'sae.pth', 'model.bin', 'old.pkl'])(
    'with the pickle %s is refused, with the way out',
    async (name) => {
      const folder = await folderWith({}, 'config.json')
      await writeFile(
        join(folder, name),
        Buffer.from(name.endsWith('.pkl') ? [0x80, 4, 0x95, 0] : 'PK\x03\x04'),
      )
      await expect(readSaeFolder(folder)).rejects.toMatchObject({
        code: 'sae/pickle',
        message: expect.stringContaining('can run any program') as string,
        hint: expect.stringContaining('safetensors') as string,
      })
    },
  )

  it('of something else is none', async () => {
    const folder = await folderWith({}, 'config.json')
    expect(await formatOf(folder)).toBeNull()
    await expect(readSaeFolder(folder)).rejects.toMatchObject({ code: 'sae/unknown' })
  })

  it('with weights cut short says so', async () => {
    const folder = await changed((config) => config)
    const weights = await readFile(join(folder, 'sae_weights.safetensors'))
    await writeFile(join(folder, 'sae_weights.safetensors'), weights.subarray(0, weights.length - 9))
    await expect(readSaeFolder(folder)).rejects.toMatchObject({ code: 'checkpoint/truncated' })
  })

  it('is read as float32 from float16 and bfloat16', async () => {
    const { sae } = await readSaeFolder(golden('standard'))
    const folder = await changed((config) => config)
    const planned = Object.entries({ W_enc: [D, F], b_enc: [F], W_dec: [F, D], b_dec: [D] })
    for (const dtype of ['F16', 'BF16'] as const) {
      const writer = await SafetensorsWriter.create(
        join(folder, 'sae_weights.safetensors'),
        planned.map(([name, shape]) => ({ name, shape, dtype })),
        {},
      )
      for (const [name] of planned) {
        const data: Float32Array = sae.tensors[name]!
        const bits = new Uint32Array(Float32Array.from(data).buffer)
        const halves =
          dtype === 'F16' ? Float16Array.from(data) : Uint16Array.from(bits, (word) => word >>> 16)
        await writer.write(new Uint8Array(halves.buffer))
      }
      await writer.commit()
      const read: Sae = (await readSaeFolder(folder)).sae
      expectClose(read.tensors.W_enc!, sae.tensors.W_enc!, dtype === 'F16' ? 1e-3 : 1e-2)
    }
  })
})
