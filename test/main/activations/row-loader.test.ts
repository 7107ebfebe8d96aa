// The loader of rows: the batch size that is configured is the one that runs, whichever rows it hands out.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RowLoader } from '../../../src/main/activations/row-loader.ts'
import { ShardWriter } from '../../../src/main/activations/shard-writer.ts'
import { splits } from '../../../src/main/activations/split.ts'
import type { HarvestManifest } from '../../../src/shared/harvest.ts'
import { shardRows } from '../../helpers/shards.ts'

/** Width; rows that train and that validate, 1,000 each, among some that are left out. */
const [D, ROWS] = [4, 1_000]
/** Of three shards, whose sizes have nothing to do with batches. */
const shards = [700, 1_000, 1_300]

let folder: string
let manifest: HarvestManifest

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monoscope-test-'))
  const names: string[] = []
  for (const [number, rows] of shards.entries()) {
    const name = `shard-${number}.arrow`
    const shard = await ShardWriter.create(join(folder, name), {
      width: D,
      encoding: 'float16',
      metadata: {},
    })
    const first = shards.slice(0, number).reduce((sum, each) => sum + each, 0)
    const all = shardRows(rows, D)
    await shard.write({
      ...all,
      split: Uint8Array.from({ length: rows }, (_, row) => (first + row) % 3),
      // a row says in its numbers which it is, in two that float16 can hold
      activations: Float32Array.from({ length: rows * D }, (_, place) => {
        const row = first + Math.floor(place / D)
        return place % D === 0 ? row >> 6 : row & 63
      }),
    })
    await shard.commit()
    names.push(name)
  }
  manifest = { model: { width: D }, shards: names.map((name) => ({ name })) } as unknown as HarvestManifest
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Reads everything, `passes` times; resolves to the sizes of all batches and the rows in them. */
async function read(loader: RowLoader, passes = 1): Promise<{ sizes: number[]; rows: number[] }> {
  const sizes: number[] = []
  const rows: number[] = []
  for (let pass = 0; pass < passes; pass++) {
    for await (const { count, activations } of loader.batches()) {
      expect(activations).toHaveLength(count * D)
      sizes.push(count)
      for (let row = 0; row < count; row++) rows.push(activations[row * D]! * 64 + activations[row * D + 1]!)
    }
  }
  return { sizes, rows }
}

describe('a thousand rows at batch 37', () => {
  test.each(['train', 'validation'] as const)(
    'are 27 batches of 37 and one of 1, and so says the ledger, of those that %s',
    async (split) => {
      const loader = new RowLoader(folder, manifest, { split, batch: 37 })
      const { sizes, rows } = await read(loader)
      expect(sizes).toEqual([...Array<number>(27).fill(37), 1])
      expect(loader.ledger).toEqual({ 37: 27, 1: 1 })
      // each of the split once, and none of another
      expect(rows).toEqual(Array.from({ length: ROWS }, (_, row) => 3 * row + splits[split]))
    },
  )

  test('are other batches at another batch size, and are counted over all passes', async () => {
    const loader = new RowLoader(folder, manifest, { split: 'validation', batch: 100 })
    expect((await read(loader, 2)).sizes).toEqual(Array<number>(20).fill(100))
    expect(loader.ledger).toEqual({ 100: 20 })
  })
})
