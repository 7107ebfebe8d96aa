// The measures of an SAE against naive recomputation, and splicing against SAEs whose effect is known.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { heldOutContexts } from '../../../src/main/activations/held-out-contexts.ts'
import { RowLoader } from '../../../src/main/activations/row-loader.ts'
import { Llama } from '../../../src/main/llama/llama.ts'
import { batchOf } from '../../../src/main/llama/batch.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { tensor } from '../../../src/main/onnx/tensor.ts'
import { assertBelongs } from '../../../src/main/sae/belongs.ts'
import { readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { type Sae, tensorShapes } from '../../../src/main/sae/sae.ts'
import { Splicer } from '../../../src/main/sae/splice.ts'
import { densityHistogram, finishedDictionary, Validator } from '../../../src/main/sae/validation.ts'
import { writeSae } from '../../../src/main/sae/write-sae.ts'
import { cpuWith, logSumOf, sentence, tinyLlama } from '../../helpers/llama.ts'
import { runSae } from '../../helpers/run-sae.ts'
import { smallHarvest } from '../../helpers/small-harvest.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const golden = (name: string) => join(import.meta.dirname, '../../golden/saelens', name)
const tensorsOf = (sae: Sae) =>
  Object.fromEntries(
    Object.entries(tensorShapes(sae.architecture, sae)).map(([name, shape]) => [
      name,
      tensor('float32', shape, sae.tensors[name]!),
    ]),
  )

/** Reconstructs every row of D numbers as `factor` times itself. */
function identity(D: number, factor = 1): Sae {
  const F = 2 * D
  const at = (rows: number, columns: number, value: (row: number, column: number) => number) =>
    Float32Array.from({ length: rows * columns }, (_, index) =>
      value(Math.floor(index / columns), index % columns),
    )
  const sign = (d: number, f: number) => (f === d ? 1 : f === d + D ? -1 : 0)
  return {
    ...{
      architecture: 'standard',
      D,
      F,
      centred: true,
      rescaled: false,
      normalisation: 'none',
      metadata: {},
    },
    tensors: {
      W_enc: at(D, F, sign),
      W_dec: at(F, D, (f, d) => factor * sign(d, f)),
      b_enc: new Float32Array(F),
      b_dec: new Float32Array(D),
    },
  }
}

describe('held-out measures', () => {
  it('are those of a naive recomputation, in one loader whose batches add up', async () => {
    const folder = join(await temporaryFolder(), 'harvest')
    const manifest = await smallHarvest(folder, { rows: 2500, validation: 4 })
    const { sae } = await readSaeFolder(golden('jumprelu'))
    const loader = new RowLoader(folder, manifest, { split: 'validation', batch: 37 })
    const validator = new Validator(finishedDictionary(sae), cpu)
    const found = await validator.measure(tensorsOf(sae), loader.batches())
    await validator.close()
    expect(manifest.ledger.split.validation).toBe(1000)
    expect(loader.ledger).toEqual({ 37: 27, 1: 1 })

    const all = new RowLoader(folder, manifest, { split: 'validation', batch: 1000 })
    let x: Float32Array = new Float32Array(0)
    for await (const { activations } of all.batches()) x = activations
    const { features, reconstruction } = await runSae(sae, x)
    const { D, F } = sae
    const rows = 1000
    const mean = Array.from(
      { length: D },
      (_, d) => x.reduce((sum, v, at) => sum + (at % D === d ? v : 0), 0) / rows,
    )
    const sum = (value: (at: number) => number) => x.reduce((total, _, at) => total + value(at), 0)
    const norms = (data: Float32Array) =>
      Array.from({ length: rows }, (_, row) => Math.hypot(...data.subarray(row * D, (row + 1) * D)))
    const [long, short] = [norms(x), norms(reconstruction)]
    const dots = Array.from({ length: rows }, (_, row) =>
      x.subarray(row * D, (row + 1) * D).reduce((total, v, d) => total + v * reconstruction[row * D + d]!, 0),
    )
    const total = (values: number[]) => values.reduce((a, b) => a + b, 0)
    const errors = sum((at) => (x[at]! - reconstruction[at]!) ** 2)
    expect(found.rows).toBe(rows)
    expect(found.fvu).toBeCloseTo(errors / sum((at) => (x[at]! - mean[at % D]!) ** 2), 5)
    expect(found.l0).toBeCloseTo(features.filter((f) => f > 0).length / rows, 8)
    expect(found.shrinkage).toBeCloseTo(total(short) / total(long), 5)
    expect(found.cosine).toBeCloseTo(total(dots.map((dot, row) => dot / long[row]! / short[row]!)) / rows, 5)
    for (let f = 0; f < F; f++) {
      const fired = Array.from({ length: rows }, (_, row) => features[row * F + f]!).filter(
        (value) => value > 0,
      )
      expect(found.density[f]).toBeCloseTo(fired.length / rows, 10)
    }
    expect(found.dead).toBeCloseTo(found.density.filter((share) => share === 0).length / F, 10)
  })

  it('count features by their density', () => {
    const bins = densityHistogram([0, 0, 1, 0.5, 1e-8, 1e-12])
    expect(bins[0]).toBe(2)
    expect(bins.at(-1)).toBe(1)
    // 10⁻⁰·³, and all that is rarer than the scale in its first bin
    expect(bins[1 + Math.floor(4 * (Math.log10(0.5) + 8))]).toBeGreaterThanOrEqual(1)
    expect(bins[1]).toBe(2)
    expect(bins.reduce((a, b) => a + b)).toBe(6)
  })
})

describe('splicing', () => {
  const ids = sentence(40)
  const all = ids.map((_, place) => place > 0)
  const hook = 'blocks.2.hook_resid_post'

  async function spliced(sae: Sae, changes = all) {
    const checkpoint = await openCheckpoint(tinyLlama.folder)
    const splicer = await Splicer.open(checkpoint, sae, { device: cpuWith(), hook, positions: 64 })
    try {
      return await splicer.run(ids, changes)
    } finally {
      await splicer.close()
    }
  }

  it('of a perfect reconstruction loses nothing; of none it loses what zeros do', async () => {
    const checkpoint = await openCheckpoint(tinyLlama.folder)
    const { width } = checkpoint.config
    const perfect = await spliced(identity(width))
    expect(perfect.places).toBe(ids.length - 1)
    expect(perfect.spliced).toBeCloseTo(perfect.clean, 3)
    expect(perfect.kl).toBeCloseTo(0, 4)
    expect(Math.abs(perfect.ablated - perfect.clean)).toBeGreaterThan(0.1)

    const zero = await spliced(identity(width, 0))
    expect(zero.spliced).toBeCloseTo(zero.ablated, 3)
    expect(zero.kl).toBeGreaterThan(0.01)

    // the model as it is, computed the usual way
    const model = await Llama.open(checkpoint, { device: cpuWith() })
    const { logits } = await model.forward(batchOf([ids]), {
      logitsAt: Int32Array.from(ids.slice(1), (_, at) => at),
    })
    await model.close()
    const V = checkpoint.config.vocabulary
    const naive = ids.slice(1).reduce((sum, id, at) => {
      const row = logits.subarray(at * V, (at + 1) * V)
      return sum + logSumOf(row) - row[id]!
    }, 0)
    expect(perfect.clean).toBeCloseTo(naive, 2)
  })

  it('leaves alone the tokens it is told to', async () => {
    const { width } = (await openCheckpoint(tinyLlama.folder)).config
    const none = await spliced(
      identity(width, 0),
      ids.map(() => false),
    )
    expect(none.spliced).toBeCloseTo(none.clean, 5)
    expect(none.ablated).toBeCloseTo(none.clean, 5)
  })

  it('reads the contexts that validate, with the rows that count', async () => {
    const folder = join(await temporaryFolder(), 'harvest')
    const manifest = await smallHarvest(folder, { rows: 100 })
    // of this harvest every row is a context of its own, and every tenth validates
    const found = []
    for await (const context of heldOutContexts(folder, manifest, 5)) found.push(context)
    expect(found).toEqual([1, 11, 21, 31, 41].map((row) => ({ ids: [row], counts: [true] })))
  })
})

describe('an SAE of another place', () => {
  const place = {
    ...{ width: 16, hook: 'blocks.2.hook_resid_post', name: 'Someone/Tiny_LLaMA' },
    ...{ modelHash: 'a', hash: 'a' },
  }
  it('is refused with both values', async () => {
    const { sae } = await readSaeFolder(golden('standard'))
    expect(() => assertBelongs(sae, null, place)).not.toThrow()
    expect(() => assertBelongs(sae, null, { ...place, width: 64 })).toThrow(
      /reads 16 numbers.*Someone\/Tiny_LLaMA has 64/,
    )
    expect(() => assertBelongs(sae, null, { ...place, hook: 'blocks.1.hook_mlp_out' })).toThrow(
      /blocks\.2\.hook_resid_post.*blocks\.1\.hook_mlp_out/,
    )
    expect(() => assertBelongs(sae, null, { ...place, modelHash: 'b' })).toThrow(
      /trained on a model \(a…\).*\(b…\)/,
    )
    const other = { ...place, name: 'tiny-llama-2' }
    expect(() => assertBelongs(sae, null, other)).toThrow(/trained on tiny-llama, .*of tiny-llama-2/)
    expect(() => assertBelongs(sae, null, other, true)).not.toThrow()
  })
})

const python = await promisify(execFile)('python3', ['-c', 'import sae_lens'], { timeout: 60_000 }).then(
  () => true,
  () => false,
)

describe('SAELens itself', () => {
  it.skipIf(!python)(
    `computes the same from our export${python ? '' : ' (needs sae-lens)'}`,
    async () => {
      const script = join(import.meta.dirname, '../../../bench/peers/sae_lens_export.py')
      for (const name of ['standard', 'topk', 'gated', 'jumprelu']) {
        const { sae } = await readSaeFolder(golden(name))
        const folder = join(await temporaryFolder(), name)
        await writeSae(folder, sae, null)
        const { stdout } = await promisify(execFile)('python3', [
          script,
          folder,
          join(golden(name), 'golden.safetensors'),
        ])
        expect(JSON.parse(stdout)).toMatchObject({ architecture: name })
        expect((JSON.parse(stdout) as { difference: number }).difference).toBeLessThan(1e-4)
      }
    },
    120_000,
  )
})
