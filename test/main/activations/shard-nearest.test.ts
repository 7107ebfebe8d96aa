// The rows nearest to one: the same as by comparing all of them, across shards, and by a sample where there are many.
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { nearestRows } from '../../../src/main/activations/shard-nearest.ts'
import type { ShardPlace } from '../../../src/main/activations/shard-place.ts'
import { ShardWriter } from '../../../src/main/activations/shard-writer.ts'
import { shardRows } from '../../helpers/shards.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const D = 6

/** Shards of these many rows, and the activations of all rows as they are read again. */
async function writeShards(
  counts: readonly number[],
): Promise<{ shards: ShardPlace[]; all: Float32Array[] }> {
  const folder = await temporaryFolder()
  const shards: ShardPlace[] = []
  const all: Float32Array[] = []
  for (const [index, rows] of counts.entries()) {
    const path = join(folder, `shard-${index}.arrow`)
    const writer = await ShardWriter.create(path, { width: D, encoding: 'float16', metadata: {} })
    const written = shardRows(rows, D, index + 1)
    await writer.write(written)
    await writer.commit()
    shards.push({ path, firstRow: all.length, rows })
    const halves = new Float32Array(new Float16Array(written.activations))
    for (let row = 0; row < rows; row++) all.push(halves.subarray(row * D, (row + 1) * D))
  }
  return { shards, all }
}

const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, index) => sum + value * b[index]!, 0)
const cosine = (a: Float32Array, b: Float32Array) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))

it('finds the rows that point the same way, across shards', async () => {
  const { shards, all } = await writeShards([150, 40, 1])
  const row = 160
  const { nearest, norm, compared } = await nearestRows(shards, row, 7)
  const expected = all
    .map((values, other) => ({ row: other, cosine: cosine(all[row]!, values) }))
    .filter(({ row: other }) => other !== row)
    .sort((a, b) => b.cosine - a.cosine)
    .slice(0, 7)
  expect(nearest.map((near) => near.row)).toEqual(expected.map((near) => near.row))
  for (const [index, near] of nearest.entries()) expect(near.cosine).toBeCloseTo(expected[index]!.cosine, 6)
  expect(norm).toBeCloseTo(Math.sqrt(dot(all[row]!, all[row]!)), 4)
  expect(compared).toBe(190)
  const [first] = nearest
  const home = shardRows([150, 40][first!.row < 150 ? 0 : 1]!, D, first!.row < 150 ? 1 : 2)
  expect(first!.token).toBe(home.token[first!.row % 150])
})

it('compares with no more than two hundred thousand rows, from every shard', async () => {
  const { shards } = await writeShards([150_000, 90_000])
  const { nearest, compared } = await nearestRows(shards, 5, 400)
  expect(compared).toBeGreaterThan(199_000)
  expect(compared).toBeLessThanOrEqual(200_000)
  expect(nearest.some(({ row }) => row >= 150_000)).toBe(true)
  expect(nearest.every(({ cosine: near }, index) => index === 0 || near <= nearest[index - 1]!.cosine)).toBe(
    true,
  )
})

it('refuses a row that is in no shard', async () => {
  const { shards } = await writeShards([3])
  await expect(nearestRows(shards, 3, 1)).rejects.toThrow('Row 3 is in none')
})
