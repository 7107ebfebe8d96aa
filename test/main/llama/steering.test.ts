// Steering against its formula, and what it must leave alone to the last bit.
import { beforeAll, afterAll, describe, expect, test } from 'vitest'
import { batchOf } from '../../../src/main/llama/batch.ts'
import { Llama } from '../../../src/main/llama/llama.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import type { Dose, SteeredFeature, Steering } from '../../../src/main/llama/steering.ts'
import { cpuWith, expectClose, sentence, tinyLlama } from '../../helpers/llama.ts'
import { someNumbers } from '../../helpers/run-graph.ts'

const [ROWS, TOKENS] = [3, 11]
const batch = batchOf([sentence(TOKENS, 1), sentence(TOKENS, 1), sentence(TOKENS, 2)])
const logitsAt = Int32Array.from({ length: ROWS }, (_, row) => row * TOKENS + TOKENS - 1)

let llama: Llama
let width: number
/** (B, T, D) as it arrives at the hook. */
let stream: Float32Array

beforeAll(async () => {
  const checkpoint = await openCheckpoint(tinyLlama.folder)
  llama = await Llama.open(checkpoint, { device: cpuWith(), hook: 'blocks.1.hook_resid_post' })
  ;({ width } = checkpoint.config)
  stream = (await llama.forward(batch, { logitsAt })).residual!
})
afterAll(() => llama.close())

/** A feature that fires on about half of the tokens. */
function feature(seed: number, more: Partial<SteeredFeature> = {}): SteeredFeature {
  const vector = (of: number) => Float32Array.from(someNumbers([width], of).data)
  return {
    direction: vector(seed),
    reads: { encoder: vector(seed + 50), bias: 0.3, threshold: 0.5 },
    ...more,
  }
}

const at = (row: number, token: number) => (row * TOKENS + token) * width

function fires({ reads }: SteeredFeature, row: number, token: number): number {
  if (!reads || !('encoder' in reads)) throw new Error('It does not read by itself.')
  const h = stream.subarray(at(row, token), at(row, token) + width)
  const read = h.reduce((total, number, index) => total + number * reads.encoder[index]!, reads.bias)
  return read > reads.threshold ? read : 0
}

/** The formula, written out. */
function byHand({ features, rows, tokens }: Steering): Float32Array {
  const result = Float32Array.from(stream)
  for (const [row, doses] of rows.entries()) {
    for (let token = 0; token < TOKENS; token++) {
      if (tokens?.[row * TOKENS + token] === 0) continue
      for (const [slot, dose] of doses.entries()) {
        const { direction, onlyWhere } = features[slot]!
        const waits = onlyWhere !== undefined && fires(features[onlyWhere]!, row, token) === 0
        if (!dose || waits) continue
        const amount = dose.mode === 'add' ? dose.amount : dose.target - fires(features[slot]!, row, token)
        for (let index = 0; index < width; index++)
          result[at(row, token) + index]! += amount * direction[index]!
      }
    }
  }
  return result
}

const run = async (steering: Steering) => llama.forward(batch, { logitsAt, steering })
const add = (amount: number): Dose => ({ mode: 'add', amount })
const clamp = (target: number): Dose => ({ mode: 'clamp', target })

describe('steering', () => {
  test.each<[string, () => Steering]>([
    ['adds a direction', () => ({ features: [feature(1)], rows: [[add(2)], [null], [add(-1.5)]] })],
    [
      'adds without reading',
      () => ({ features: [{ direction: feature(1).direction }], rows: [[add(2)], [null], [add(0.5)]] }),
    ],
    [
      'holds a feature at a value',
      () => ({ features: [feature(2)], rows: [[clamp(3)], [clamp(-1)], [null]] }),
    ],
    ['ablates', () => ({ features: [feature(2)], rows: [[clamp(0)], [null], [clamp(0)]] })],
    [
      'does several things at once, all reading the same stream',
      () => ({
        features: [feature(1), feature(2), feature(3)],
        rows: [
          [add(1), clamp(2), null],
          [null, clamp(0), add(-2)],
          [add(0.1), add(0.2), add(0.3)],
        ],
      }),
    ],
    [
      'acts only where another feature fires',
      () => ({
        features: [feature(4), feature(1, { onlyWhere: 0 }), feature(2, { onlyWhere: 0 })],
        rows: [
          [null, add(2), null],
          [null, null, clamp(4)],
          [null, add(1), clamp(0)],
        ],
      }),
    ],
    [
      'leaves tokens alone on request',
      () => ({
        features: [feature(1)],
        rows: [[add(2)], [clamp(1)], [add(1)]],
        tokens: Uint8Array.from({ length: ROWS * TOKENS }, (_, place) => (place % TOKENS < 2 ? 0 : 1)),
      }),
    ],
  ])('%s', async (_, make) => {
    const steering = make()
    const { residual, features } = await run(steering)
    expectClose(residual!, byHand(steering), 2e-6)
    const S = steering.features.length
    const read = steering.features.map((one, slot) =>
      one.reads ? fires(one, 1, 4) - features![(TOKENS + 4) * S + slot]! : 0,
    )
    expect(Math.max(...read.map(Math.abs))).toBeLessThan(1e-4)
    // and something happened
    expect(residual).not.toEqual(stream)
  })

  test('that is all zero leaves a row bit for bit as an unsteered one of the same run', async () => {
    const features = [feature(1), feature(2), feature(3, { onlyWhere: 0 })]
    // rows 0 and 1 hold the same text
    const none = [add(0), add(0), add(0)]
    const zero = await run({ features, rows: [none, [null, null, null], [add(3), clamp(5), add(1)]] })
    const size = zero.logits.length / ROWS
    expect(zero.logits.subarray(0, size)).toEqual(zero.logits.subarray(size, 2 * size))
    const cut = TOKENS * width
    expect(zero.residual!.subarray(0, cut)).toEqual(zero.residual!.subarray(cut, 2 * cut))
    expect(zero.residual!.subarray(0, cut)).toEqual(stream.subarray(0, cut))
    // whatever is done to a row, its neighbours stay as they are
    const unsteered = await llama.forward(batch, { logitsAt })
    expect(unsteered.logits.subarray(0, 2 * size)).toEqual(zero.logits.subarray(0, 2 * size))
    expect(unsteered.logits.subarray(2 * size)).not.toEqual(zero.logits.subarray(2 * size))
  })

  test('is the same in a graph without a hook, when there is none', async () => {
    const plain = await Llama.open(await openCheckpoint(tinyLlama.folder), { device: cpuWith() })
    const { logits, residual } = await plain.forward(batch, { logitsAt })
    expect(residual).toBeNull()
    expectClose((await run({ features: [], rows: [[], [], []] })).logits, logits)
    await plain.close()
  })

  test('of a row is the same alone, after a cache token by token, and with both attentions', async () => {
    const features = [feature(1), feature(2)]
    const doses = [add(1.5), clamp(2)]
    const together = await run({ features, rows: [doses, [null, null], [add(-1), null]] })
    const row = sentence(TOKENS, 1)
    const last = together.logits.subarray(0, together.logits.length / ROWS)
    const steering = { features, rows: [doses] }
    const alone = await llama.forward(batchOf([row]), { logitsAt: Int32Array.of(TOKENS - 1), steering })
    expectClose(alone.logits, last)
    expectClose(alone.residual!, together.residual!.subarray(0, TOKENS * width))
    const first = batchOf([row.slice(0, 4)])
    let step = await llama.forward(first, { logitsAt: Int32Array.of(3), steering })
    for (let place = 4; place < TOKENS; place++) {
      const next = { ...batchOf([[row[place]!]]), lengths: Int32Array.of(place + 1) }
      step = await llama.forward(next, { cache: step.cache, logitsAt: Int32Array.of(0), steering })
    }
    expectClose(step.logits, last)
    const spelledOut = await Llama.open(await openCheckpoint(tinyLlama.folder), {
      ...{ device: cpuWith('spelled-out'), hook: 'blocks.1.hook_resid_post' },
    })
    const other = await spelledOut.forward(batch, {
      logitsAt,
      steering: { features, rows: [doses, [null, null], [add(-1), null]] },
    })
    expectClose(other.logits, together.logits)
    await spelledOut.close()
  })

  test.each(['fused', 'spelled-out'] as const)(
    'of rows that begin alike is that of each alone, however long they go on, with %s attention',
    async (lowering) => {
      const hooked = await Promise.all(
        (['blocks.0.hook_attn_out', 'blocks.0.hook_mlp_out', 'blocks.1.hook_resid_pre'] as const).map(
          async (hook) =>
            Llama.open(await openCheckpoint(tinyLlama.folder), { device: cpuWith(lowering), hook }),
        ),
      )
      const features = [feature(1), feature(2)]
      const doses = [
        [null, null],
        [add(1.5), null],
        [add(-1), clamp(2)],
      ]
      // beyond the room that is made for a context at first
      const texts = [3, 4, 5].map((seed) => [...sentence(TOKENS, 1), ...sentence(30, seed)])
      for (const one of hooked) {
        const goOn = async (rows: readonly number[]) => {
          const steering = { features, rows: rows.map((row) => doses[row]!) }
          const prompts = batchOf(rows.map((row) => texts[row]!.slice(0, TOKENS)))
          const lasts = (tokens: number) => Int32Array.from(rows, (_, place) => (place + 1) * tokens - 1)
          let step = await one.forward(prompts, { logitsAt: lasts(TOKENS), steering })
          const scores = [step.logits]
          for (let place = TOKENS; place < texts[0]!.length; place++) {
            const next = {
              ...batchOf(rows.map((row) => [texts[row]![place]!])),
              lengths: Int32Array.from(rows, () => place + 1),
            }
            step = await one.forward(next, { cache: step.cache, logitsAt: lasts(1), steering })
            scores.push(step.logits)
          }
          return { scores, norms: step.norms }
        }
        const together = await goOn([0, 1, 2])
        for (const row of [0, 1, 2]) {
          const alone = await goOn([row])
          for (const [place, logits] of alone.scores.entries()) {
            const V = logits.length
            expectClose(together.scores[place]!.subarray(row * V, (row + 1) * V), logits)
          }
          const norms = together.norms.filter((_, index) => index % 3 === row)
          expectClose(norms, alone.norms)
        }
        await one.close()
      }
    },
  )

  test('that does not fit is refused', async () => {
    const one = feature(1)
    await expect(run({ features: [one], rows: [[add(1)]] })).rejects.toThrow(/3 rows/)
    const narrow = { ...one, direction: new Float32Array(3) }
    await expect(run({ features: [narrow], rows: [[null], [null], [null]] })).rejects.toThrow(/wide/)
    const blind = { direction: one.direction }
    await expect(run({ features: [blind], rows: [[clamp(1)], [null], [null]] })).rejects.toThrow(/read/)
    const waiting = feature(1, { onlyWhere: 1 })
    await expect(
      run({
        features: [waiting, blind],
        rows: [
          [null, null],
          [null, null],
          [null, null],
        ],
      }),
    ).rejects.toThrow(/waits/)
  })
})
