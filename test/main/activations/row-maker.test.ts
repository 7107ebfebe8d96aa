// Sessions of a model side by side make the same rows as one, and end when they are told to.
import { availableParallelism } from 'node:os'
import { expect, test } from 'vitest'
import { laneCount } from '../../../src/main/activations/lanes.ts'
import { openRowMaker, type RowMaker } from '../../../src/main/activations/row-maker.ts'
import { RowSlots } from '../../../src/main/activations/row-slots.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { hookOf } from '../../../src/main/llama/hook.ts'
import { cpuWith, demoLlama } from '../../helpers/llama.ts'

const device = cpuWith()
const checkpoint = await openCheckpoint(demoLlama.folder)
const D = checkpoint.config.width

async function opened(lanes: number): Promise<RowMaker> {
  const hook = hookOf('blocks.1.hook_resid_post', checkpoint.config)
  return await openRowMaker(checkpoint, { device, hook, positions: 128, output: 'float16' }, lanes)
}

/** Contexts as a batch has them, the longest first. */
const batches = [
  [128, 128, 128, 128, 128, 127, 3],
  [90, 40, 1],
  [128],
  [64, 64, 64, 64, 64, 64, 64, 64, 64, 64],
].map((lengths, batch) =>
  lengths.map((length, row) =>
    Int32Array.from({ length }, (_, at) => (batch * 911 + row * 131 + at * 7) % 4_000),
  ),
)

async function rowsOf(maker: RowMaker) {
  const slots = batches.map(() => new RowSlots({ rows: 1_024, width: D, output: 'float16' }).next())
  const made = await Promise.all(batches.map((contexts, batch) => maker.rows(contexts, slots[batch]!)))
  return made.map(({ activations, norms }) => ({
    activations: Buffer.from(activations.buffer, 0, activations.byteLength).toString('base64'),
    norms: [...norms],
  }))
}

test('two sessions make the bytes that one makes', async () => {
  const [one, two] = [await opened(1), await opened(2)]
  const [alone, beside] = [await rowsOf(one), await rowsOf(two)]
  expect(alone.map(({ norms }) => norms.length)).toEqual([770, 131, 128, 640])
  expect(beside).toEqual(alone)
  expect(await two.norms(batches[1]![0]!)).toEqual(await one.norms(batches[1]![0]!))
  expect(two.busy).toBeGreaterThan(0)
  await Promise.all([one.close(), two.close()])
})

test('what a lane refuses is told with its code, and the next batch is made', async () => {
  const maker = await opened(2)
  const slot = new RowSlots({ rows: 8, width: D, output: 'float16' }).next()
  await expect(maker.rows([Int32Array.of(1, 9_999_999)], slot)).rejects.toMatchObject({ code: 'model/token' })
  expect((await maker.rows([Int32Array.of(1, 2)], slot)).norms.length).toBe(2)
  await maker.close()
})

test('lanes that are closed while they work finish what they have', async () => {
  const maker = await opened(2)
  const rows = rowsOf(maker)
  await maker.close()
  expect(await rows).toHaveLength(batches.length)
})

test('only small models on the CPU run side by side', () => {
  const sized = { layer: 1, precision: 'float32' } as const
  const cpu = availableParallelism() > 1 ? 2 : 1
  expect(laneCount(checkpoint.config, { ...sized, device: { provider: 'cpu' } })).toBe(cpu)
  expect(laneCount(checkpoint.config, { ...sized, device: { provider: 'cuda' } })).toBe(1)
  const large = { ...checkpoint.config, width: 2_048, mlpWidth: 8_192 }
  expect(laneCount(large, { ...sized, device: { provider: 'cpu' } })).toBe(1)
})
