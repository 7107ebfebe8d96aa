// Steered batches on a small model: what features read by every kind of SAE, what strengths do, and what is told of it.
import { describe, expect, it, onTestFinished } from 'vitest'
import { batchOf } from '../../../src/main/llama/batch.ts'
import { Llama } from '../../../src/main/llama/llama.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../../../src/main/llama/tokenizer.ts'
import { architectures, type Sae } from '../../../src/main/sae/sae.ts'
import { Dictionary } from '../../../src/main/steering/dictionary.ts'
import { steeredRun } from '../../../src/main/steering/run.ts'
import { score } from '../../../src/main/steering/score.ts'
import { slotsOf } from '../../../src/main/steering/slots.ts'
import { sweep } from '../../../src/main/steering/sweep.ts'
import { measure } from '../../../src/main/steering/measure.ts'
import { applySteering, emptySteering } from '../../../src/shared/contract/steering.ts'
import { steeredBatchSchema, type SteeredBatch, type SteeringFacts } from '../../../src/shared/steering.ts'
import { measureOrderSchema, sweepOrderSchema } from '../../../src/shared/steering-effect.ts'
import { cpuWith, demoLlama, sentence } from '../../helpers/llama.ts'
import { randomSae } from '../../helpers/random-sae.ts'
import { runSae } from '../../helpers/run-sae.ts'

const hook = 'blocks.3.hook_resid_post'
const [checkpoint, tokenizer] = await Promise.all([
  openCheckpoint(demoLlama.folder),
  Tokenizer.open(demoLlama.folder),
])
const { width: D } = checkpoint.config
const F = 32
const NORM = 119

async function opened(sae: Sae) {
  const dictionary = new Dictionary(sae)
  const encoder = dictionary.encoder(cpuWith())
  const model = await Llama.open(checkpoint, { device: cpuWith(), hook, ...(encoder && { encoder }) })
  onTestFinished(() => model.close())
  const facts: SteeringFacts = {
    ...{ model: 'demo', hook, features: F, norm: NORM, normFrom: 'harvest', reads: dictionary.reads },
  }
  return { dictionary, model, facts, vocabulary: tokenizer, signal: new AbortController().signal }
}

type Opened = Awaited<ReturnType<typeof opened>>

async function run({ model, dictionary, facts, signal }: Opened, given: Partial<SteeredBatch> & object) {
  const batch = steeredBatchSchema.parse({ prompt: 'In the beginning', maxTokens: 8, ...given })
  const prompt = tokenizer.encodePrompt(batch.prompt as string).ids
  const slots = slotsOf(dictionary, NORM, { rows: [[], ...batch.rows], pinned: batch.pinned })
  const { sampling, stream, maxTokens, stop, pinned, special = true } = batch
  const { steeredPrompt: other } = batch
  const steeredPrompt = other === undefined ? undefined : tokenizer.encodePrompt(other as string).ids
  const order = {
    prompt,
    steeredPrompt,
    slots,
    pinned: pinned.length,
    sampling,
    stream,
    maxTokens,
    stop,
    facts,
    special,
  }
  let state = emptySteering(batch.rows.length, '')
  for await (const event of steeredRun(model, tokenizer, order, signal)) state = applySteering(state, event)
  const texts = state.rows.map(({ tokens }) => tokens.map(({ text }) => text).join(''))
  return { state, texts, prompt }
}

describe.each(architectures.map((architecture) => [architecture] as const))('%s', (architecture) => {
  it('reads every feature as the SAE itself does', async () => {
    const sae = randomSae(architecture, D, F)
    const { model, dictionary } = await opened(sae)
    const T = 9
    const batch = batchOf([sentence(T)])
    const pinned = Array.from({ length: F }, (_, feature) => feature)
    const { features, rows } = slotsOf(dictionary, NORM, { rows: [[]], pinned })
    const found = await model.forward(batch, { logitsAt: Int32Array.of(0), steering: { features, rows } })
    const { features: wanted } = await runSae(sae, found.residual!)
    const largest = wanted.reduce((a, b) => Math.max(a, b))
    expect(largest).toBeGreaterThan(1)
    for (const [at, value] of wanted.entries()) {
      expect(Math.abs(value - found.features![at]!)).toBeLessThan(1e-4 * largest)
    }
    // some fire and some do not, so the test can fail
    expect(wanted.some((value) => value === 0)).toBe(true)
  })
})

describe('a steered batch', () => {
  it('is the unsteered text to the last bit where all strengths are zero', async () => {
    const bench = await opened(randomSae('topk', D, F))
    const { state, texts } = await run(bench, {
      pinned: [3],
      rows: [
        [{ feature: 1, mode: 'add', strength: 0 }],
        [{ feature: 1, mode: 'add', strength: 1.5 }],
        [{ feature: 1, mode: 'add', strength: 0, where: { feature: 2, threshold: 0 } }],
      ],
    })
    expect(texts[1]).toBe(texts[0])
    expect(texts[3]).toBe(texts[0])
    expect(texts[2]).not.toBe(texts[0])
    expect(state.rows[1]!.tokens).toEqual(state.rows[0]!.tokens)
    expect(state.rows[1]!.reads).toEqual(state.rows[0]!.reads)
    expect(state.rows[0]!.tokens.map(({ kl }) => kl)).toEqual(Array(8).fill(0))
    expect(Math.min(...state.rows[2]!.tokens.map(({ kl }) => kl!))).toBeGreaterThan(0)
    expect(state).toMatchObject({ done: true, facts: { norm: NORM }, waiting: null })
    expect(state.firstTokenMs).toBeGreaterThan(0)
  })

  it('tells the activation of what is pinned at every token of prompt and text', async () => {
    const sae = randomSae('jumprelu', D, F)
    const bench = await opened(sae)
    const { state, prompt } = await run(bench, {
      pinned: [5, 6],
      rows: [[{ feature: 1, mode: 'add', strength: 1 }]],
    })
    expect(state.prompt?.map(({ id }) => id)).toEqual(prompt)
    for (const { tokens, reads } of state.rows) {
      expect(reads).toHaveLength(2 * (prompt.length + tokens.length))
      // the same, read of the whole text at once
      const all = [...prompt, ...tokens.map(({ id }) => id)]
      const { residual } = await bench.model.forward(batchOf([all]), { logitsAt: Int32Array.of(0) })
      const { features } = await runSae(sae, residual!)
      for (let token = 0; token < all.length; token++) {
        expect(reads[2 * token]).toBeCloseTo(features[token * F + 5]!, 2)
        expect(reads[2 * token + 1]).toBeCloseTo(features[token * F + 6]!, 2)
      }
    }
  })

  it('clamps by strength as by the value that it stands for, and leaves alone where the condition does not fire', async () => {
    const sae = randomSae('jumprelu', D, F)
    const bench = await opened(sae)
    const norm = Math.hypot(...sae.tensors.W_dec!.subarray(D, 2 * D))
    const never = { feature: 2, threshold: 1e6 }
    const { texts } = await run(bench, {
      rows: [
        [{ feature: 1, mode: 'clamp', strength: 2 }],
        [{ feature: 1, mode: 'clamp', strength: 0, value: (2 * NORM) / norm }],
        [{ feature: 1, mode: 'ablate', strength: 0.5 }],
        [{ feature: 1, mode: 'clamp', strength: 0, value: 0 }],
        [{ feature: 1, mode: 'clamp', strength: 2, where: never }],
      ],
    })
    const [unsteered, clamped, same, ablated, zero, waiting] = texts
    expect(same).toBe(clamped)
    expect(clamped).not.toBe(unsteered)
    expect(ablated).toBe(zero)
    expect(waiting).toBe(unsteered)
  })

  it('continues another prompt where the steered side has one, as it would alone', async () => {
    const bench = await opened(randomSae('jumprelu', D, F))
    const rows = [[{ feature: 1, mode: 'add' as const, strength: 1 }]]
    const other = 'The old sailor went down to the'
    const { texts, state } = await run(bench, { rows, pinned: [5], steeredPrompt: other })
    const [first] = (await run(bench, { rows: [], pinned: [5] })).texts
    const alone = await run(bench, { rows, pinned: [5], prompt: other })
    expect(texts).toEqual([first, alone.texts[1]])
    const [own, same] = [state.rows[1]!.reads, alone.state.rows[1]!.reads]
    expect(own).toHaveLength(alone.prompt.length + state.rows[1]!.tokens.length)
    // whose beginning is the prompt's
    expect(state.steeredPrompt).toBe(alone.prompt.length)
    expect(state.prompt).not.toHaveLength(alone.prompt.length)
    for (const [at, value] of own.entries()) expect(value).toBeCloseTo(same[at]!, 3)
  })

  it('leaves special tokens alone on request', async () => {
    const bench = await opened(randomSae('jumprelu', D, F))
    const rows = [[{ feature: 1, mode: 'add' as const, strength: 3 }]]
    const [all, spared] = [
      await run(bench, { rows, special: true }),
      await run(bench, { rows, special: false }),
    ]
    expect(spared.state.rows[1]!.tokens[0]).not.toEqual(all.state.rows[1]!.tokens[0])
    expect(spared.texts[0]).toBe(all.texts[0])
  })

  it('takes one feature in several ways', async () => {
    const bench = await opened(randomSae('jumprelu', D, F))
    const add = { feature: 1, mode: 'add' as const, strength: 1 }
    const { texts } = await run(bench, { rows: [[add, add], [{ ...add, strength: 2 }]] })
    expect(texts[1]).toBe(texts[2])
  })

  it('refuses what cannot be', async () => {
    const bench = await opened(randomSae('switch', D, F))
    const add = { feature: 1, mode: 'add' as const, strength: 1 }
    await expect(run(bench, { rows: [[{ ...add, feature: 32 }]] })).rejects.toMatchObject({
      code: 'steering/no-feature',
      message: 'There is no feature 32: the SAE has features 0 to 31.',
    })
    await expect(run(bench, { rows: [[add]], pinned: [99] })).rejects.toMatchObject({
      code: 'steering/no-feature',
    })
    await expect(run(bench, { rows: [[{ ...add, mode: 'ablate' }]] })).rejects.toMatchObject({
      code: 'steering/reads',
    })
    const sae = randomSae('standard', D, F)
    sae.tensors.W_dec!.fill(0, D, 2 * D)
    await expect(run(await opened(sae), { rows: [[add]] })).rejects.toMatchObject({
      code: 'steering/no-direction',
    })
    expect(steeredBatchSchema.safeParse({ prompt: 'a', rows: [[{ feature: 1, value: 3 }]] }).success).toBe(
      false,
    )
    expect(
      steeredBatchSchema.safeParse({ prompt: 'a', rows: [[{ feature: 1, strength: 1e9 }]] }).success,
    ).toBe(false)
  })
})

describe('effects', () => {
  it('of a sweep are measured at every strength, and none at 0', async () => {
    const bench = await opened(randomSae('jumprelu', D, F))
    const order = sweepOrderSchema.parse({
      ...{ prompt: 'In the beginning', maxTokens: 6, samples: 2, strengths: [-1, 0, 1], pinned: [4] },
      interventions: [{ feature: 1 }],
    })
    const prompt = tokenizer.encodePrompt('In the beginning').ids
    const points = []
    const progress = []
    for await (const event of sweep(bench, order, prompt, true)) {
      if (event.type === 'point') points.push(event.point)
      if (event.type === 'progress') progress.push(event.done / event.total)
    }
    expect(points.map(({ strength }) => strength)).toEqual([-1, 0, 1])
    expect(points[1]!.kl).toBeLessThan(1e-5)
    expect(points[0]!.kl).toBeGreaterThan(0.01)
    expect(progress.at(-1)).toBe(1)
    const [text] = points[1]!.texts
    expect(text).toBe((await run(bench, { maxTokens: 6, rows: [[]] })).texts[0])
    expect(new Set(points[1]!.texts).size).toBe(2)
    // the perplexity, from the texts themselves
    const { tokens } = (await run(bench, { maxTokens: 6, rows: [[]] })).state.rows[0]!
    const ids = tokens.map(({ id }) => id)
    const scored = await score(bench.model, {
      ...{ prompt, ids, features: [], doses: [], pinned: 0 },
      steers: () => true,
    })
    const told = -tokens.reduce((sum, { logProbability }) => sum + logProbability, 0)
    expect(scored.surprise).toBeCloseTo(told, 3)
  })

  it('are counted over prompts and samples, beside chance', async () => {
    const bench = await opened(randomSae('jumprelu', D, F))
    const texts = ['In the beginning', 'The house']
    const order = measureOrderSchema.parse({
      ...{ prompts: texts, maxTokens: 6, samples: 3, strengths: [0, 2], randomSeeds: [1, 2] },
      interventions: [{ feature: 1 }],
      target: { kind: 'words', words: ['The', 'and', 'of', 'to'] },
    })
    const prompts = texts.map((text) => ({ text, ids: tokenizer.encodePrompt(text).ids }))
    const measured = async (more: object = {}) => {
      for await (const event of measure(bench, { ...order, ...more }, prompts, true)) last = event
      return last
    }
    let last: unknown
    const points = []
    for await (const event of measure(bench, order, prompts, true))
      if (event.type === 'points') points.push(event.points)
    const [unsteered, steered] = points.at(-1)!
    expect(unsteered).toMatchObject({ strength: 0, steered: { texts: 6 }, random: null })
    expect(steered).toMatchObject({ strength: 2, steered: { texts: 6 }, random: { texts: 12 } })
    expect(unsteered!.steered.hits).toBeGreaterThan(0)
    const never = { kind: 'feature', feature: 1, threshold: 1e6 }
    expect(await measured({ target: never })).toMatchObject({ points: [{ steered: { hits: 0 } }, {}] })
    const always = { kind: 'feature', feature: 1, threshold: 0 }
    expect(await measured({ target: always })).toMatchObject({ points: [{ steered: { texts: 6 } }, {}] })
  })
})
