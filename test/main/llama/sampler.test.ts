// Sampling beside a plain reference that sorts everything, each knob's effect, and noise that is looked up.
import { describe, expect, it } from 'vitest'
import { noise, philox } from '../../../src/main/llama/noise.ts'
import { divergences, readOut } from '../../../src/main/llama/readout.ts'
import { Sampler } from '../../../src/main/llama/sampler.ts'
import { type Sampling, samplingSchema } from '../../../src/shared/generation.ts'
import { logSumOf } from '../../helpers/llama.ts'

const V = 500
const plain: Sampling = { ...samplingSchema.parse({}), temperature: 1, topP: 1 }

function logitsOf(seed: number): Float32Array {
  return Float32Array.from(
    { length: V },
    (_, id) => 8 * (noise(seed, 7, id) - 0.5) + 4 * noise(seed, 8, id) ** 8,
  )
}

/** The tokens that are left with their probabilities, in transformers' order of steps, by sorting. */
function reference(logits: Float32Array, sampling: Sampling, seen: readonly number[]): Map<number, number> {
  const { temperature, topK, topP, minP, repetitionPenalty } = sampling
  const scores = Array.from(logits, (logit, id) => {
    if (!seen.includes(id)) return logit / temperature
    return (logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty) / temperature
  })
  let left = scores.map((score, id) => ({ id, weight: Math.exp(score) })).sort((a, b) => b.weight - a.weight)
  if (topK > 0) left = left.slice(0, topK)
  const total = left.reduce((sum, { weight }) => sum + weight, 0)
  let before = 0
  left = left.filter(({ weight }) => {
    const keep = before < topP * total
    before += weight
    return keep
  })
  left = left.filter(({ weight }) => weight >= minP * (left[0]?.weight ?? 0))
  const rest = left.reduce((sum, { weight }) => sum + weight, 0)
  return new Map(left.sort((a, b) => a.id - b.id).map(({ id, weight }) => [id, weight / rest]))
}

/** What the sampler gives for evenly spaced numbers: each token as often as it is probable. */
async function drawn(
  logits: Float32Array,
  sampling: Sampling,
  seen: readonly number[] = [],
  draws = 1_000,
): Promise<number[]> {
  const sampler = new Sampler()
  const scores = { logits, logSums: Float32Array.of(logSumOf(logits)) }
  const { odds } = await readOut(scores, [{ ...sampling, seen }])
  return Array.from({ length: draws }, (_, draw) => sampler.draw(odds, sampling, (draw + 0.5) / draws))
}

describe('sampling', () => {
  const knobs: Partial<Sampling>[] = [
    {},
    { temperature: 0.3 },
    { temperature: 2.5 },
    { topK: 1 },
    { topK: 17 },
    { topK: V },
    { topP: 0.5 },
    { topP: 0.99 },
    { topP: 1e-9 },
    { minP: 0.2 },
    { minP: 1 },
    { repetitionPenalty: 1.8 },
    { repetitionPenalty: 0.5 },
    { temperature: 0.7, topK: 50, topP: 0.9, minP: 0.05, repetitionPenalty: 1.2 },
  ]
  it.each(knobs)('draws each token as often as the reference says: %o', async (knob) => {
    for (const seed of [1, 2]) {
      const [logits, sampling, seen] = [logitsOf(seed), { ...plain, ...knob }, [3, 40, 41, 250, 499]]
      const wanted = reference(logits, sampling, seen)
      const ids = await drawn(logits, sampling, seen)
      const counts = new Map<number, number>()
      for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
      expect([...counts.keys()].filter((id) => !wanted.has(id))).toEqual([])
      const off = Array.from(wanted, ([id, share]) => Math.abs((counts.get(id) ?? 0) - share * ids.length))
      expect(Math.max(...off)).toBeLessThan(1.01)
      // by id, so that nearly the same logits give the same token
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    }
  })

  it('without temperature takes the most probable token, the first of equals, whatever the noise', async () => {
    const logits = logitsOf(4)
    logits[120] = logits[77] = 50
    const greedy = { ...plain, temperature: 0 }
    expect(new Set(await drawn(logits, greedy, [], 20))).toEqual(new Set([77]))
    // the penalty holds for it too
    expect(await drawn(logits, { ...greedy, repetitionPenalty: 1.1 }, [77], 1)).toEqual([120])
  })

  it('changes the token seldom when the logits change a little, as steering changes them', async () => {
    const before = await drawn(logitsOf(6), plain)
    const steered = logitsOf(6).map((logit, id) => logit + 0.05 * (noise(9, 9, id) - 0.5))
    const after = await drawn(steered, plain)
    const changed = before.filter((id, draw) => id !== after[draw]).length
    expect(changed).toBeGreaterThan(0)
    // other noise changes nine of ten
    expect(changed / before.length).toBeLessThan(1 / 3)
  })

  it('keeps every token when all are equal, or are so far apart that one is certain', async () => {
    const equal = new Float32Array(V).fill(2)
    expect(new Set(await drawn(equal, { ...plain, topP: 0.5 })).size).toBe(V / 2)
    const certain = Float32Array.from({ length: V }, (_, id) => (id === 9 ? 1e30 : -1e30))
    expect(new Set(await drawn(certain, plain, [], 20))).toEqual(new Set([9]))
    certain[8] = Number.NEGATIVE_INFINITY
    expect(new Set(await drawn(certain, { ...plain, topK: 3, topP: 0.9 }, [], 20))).toEqual(new Set([9]))
  })

  it('is of the same odds for every row of a batch, with knobs of its own', async () => {
    const rows = [1, 2, 3].map((seed) => logitsOf(seed))
    const knobs = [
      { temperature: 0.5, repetitionPenalty: 1, seen: [] },
      { temperature: 1, repetitionPenalty: 1.5, seen: [7, 8] },
      { temperature: 0, repetitionPenalty: 1, seen: [] },
    ]
    const logits = Float32Array.from(rows.flatMap((row) => [...row]))
    const logSums = Float32Array.from(rows, logSumOf)
    const { odds } = await readOut({ logits, logSums }, knobs)
    for (const [index, row] of rows.entries()) {
      const scores = { logits: row, logSums: logSums.subarray(index, index + 1) }
      const alone = await readOut(scores, [knobs[index]!])
      expect(odds.subarray(index * V, (index + 1) * V)).toEqual(alone.odds)
    }
    expect([...odds.subarray(2 * V)].filter((one) => one > 0)).toEqual([1])
  })
})

describe('divergence', () => {
  const of = (...rows: number[][]) => ({
    logits: Float32Array.from(rows.flat(), (p) => Math.log(p) + 3),
    logSums: new Float32Array(rows.length).fill(3),
  })
  const [a, b] = [
    [0.5, 0.25, 0.25],
    [0.25, 0.25, 0.5],
  ]

  it('is the sum it is defined as', async () => {
    const kls = await divergences(of(a, b, a), [1, 1, 0])
    expect(kls[0]).toBeCloseTo(0.25 * Math.log(2), 6)
    expect([...kls.subarray(1)]).toEqual([0, 0])
  })

  it('of a run is to its first row, whatever else the odds are made with', async () => {
    const row = { temperature: 0.3, repetitionPenalty: 2, seen: [0] }
    const { kls } = await readOut(of(b, a), [row, row])
    expect([...kls]).toEqual([0, expect.closeTo(0.25 * Math.log(2), 6)])
  })
})

describe('noise', () => {
  it('is Philox: the known answers of Random123', () => {
    const hex = (words: number[]) => words.map((word) => word.toString(16))
    expect(hex(philox(0, 0, 0))).toEqual(['ff1dae59', '6cd10df2'])
    expect(hex(philox(0xffffffff, 0xffffffff, 0xffffffff))).toEqual(['2c3f628b', 'ab4fd7ad'])
    expect(hex(philox(0x243f6a88, 0x85a308d3, 0x13198a2e))).toEqual(['dd7ce038', 'f62a4c12'])
  })

  it('is even, and different for each seed, stream and step', () => {
    const numbers = Array.from({ length: 10_000 }, (_, step) => noise(1, 2, step))
    const bins = new Array<number>(10).fill(0)
    for (const number of numbers) bins[Math.floor(number * 10)] = (bins[Math.floor(number * 10)] ?? 0) + 1
    for (const bin of bins) expect(Math.abs(bin - 1_000)).toBeLessThan(150)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(noise(1, 2, 3)).toBe(numbers[3])
    expect(new Set([noise(1, 2, 3), noise(2, 2, 3), noise(1, 3, 3), noise(1, 2, 4)]).size).toBe(4)
  })
})
