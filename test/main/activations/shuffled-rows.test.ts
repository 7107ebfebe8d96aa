// The order in which training sees rows: random, a permutation each epoch, and the same from any place on.
import { describe, expect, it } from 'vitest'
import { join } from 'node:path'
import { ShardReader } from '../../../src/main/activations/shard-reader.ts'
import {
  firstPosition,
  ShuffledRows,
  type ShuffleOptions,
} from '../../../src/main/activations/shuffled-rows.ts'
import { smallHarvest } from '../../helpers/small-harvest.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const options: ShuffleOptions = {
  ...{ split: 'train', seed: 5, position: firstPosition },
  ...{ blockRows: 64, poolRows: 512 },
}

/** The rows' numbers in the harvest, found by their activations. */
async function harvestWithNumbers() {
  const folder = join(await temporaryFolder(), 'harvest')
  const manifest = await smallHarvest(folder)
  const { width } = manifest.model
  const numbers = new Map<string, number>()
  const train: number[] = []
  for (const { name, firstRow } of manifest.shards) {
    const shard = await ShardReader.open(join(folder, name))
    const { activations, split } = await shard.read(0, shard.rows)
    for (const [row, one] of split.entries()) {
      numbers.set(activations.subarray(row * width, (row + 1) * width).join(), firstRow + row)
      if (one === 1) train.push(firstRow + row)
    }
    await shard.close()
  }
  const open = (changes: Partial<ShuffleOptions> = {}) =>
    ShuffledRows.open(folder, manifest, { ...options, ...changes })
  const numbersOf = (rows: Float32Array) =>
    Array.from({ length: rows.length / width }, (_, row) =>
      numbers.get(rows.subarray(row * width, (row + 1) * width).join())!,
    )
  return { open, numbersOf, train }
}

describe('shuffled rows', () => {
  it('are a permutation of the split in every epoch, and another one each time', async () => {
    const { open, numbersOf, train } = await harvestWithNumbers()
    const rows = await open()
    const epochs = [numbersOf(await rows.next(train.length)), numbersOf(await rows.next(train.length))]
    await rows.close()
    for (const epoch of epochs) expect(epoch.toSorted((a, b) => a - b)).toEqual(train)
    expect(epochs[0]).not.toEqual(epochs[1])
  })

  it('are mixed from all over the harvest: not the order of the file, nor near it', async () => {
    const { open, numbersOf, train } = await harvestWithNumbers()
    const rows = await open()
    const epoch = numbersOf(await rows.next(train.length))
    await rows.close()
    // neighbours in a random order lie a third of the harvest apart
    const apart = epoch.slice(1).map((row, at) => Math.abs(row - epoch[at]!))
    expect(apart.filter((distance) => distance <= 2).length / apart.length).toBeLessThan(0.02)
    expect(apart.reduce((a, b) => a + b) / apart.length / train.length).toBeGreaterThan(0.2)
    // and the first batch is not the file's beginning
    expect(Math.max(...epoch.slice(0, 64))).toBeGreaterThan(train.length / 2)
  })

  it('go on from any place as if they had never stopped, whatever the batch', async () => {
    const { open, numbersOf } = await harvestWithNumbers()
    const whole = await open()
    const all = numbersOf(await whole.next(5000))
    await whole.close()
    const found: number[] = []
    let position = firstPosition
    for (const count of [1, 37, 700, 2500, 1762]) {
      const part = await open({ position })
      found.push(...numbersOf(await part.next(count)))
      position = part.position
      await part.close()
    }
    expect(found).toEqual(all)
  })

  it('follow the seed, and hold validation rows only where those are asked for', async () => {
    const { open, numbersOf, train } = await harvestWithNumbers()
    const [first, other] = [await open(), await open({ seed: 6 })]
    expect(numbersOf(await first.next(100))).not.toEqual(numbersOf(await other.next(100)))
    await first.close()
    await other.close()
    const held = await open({ split: 'validation' })
    const validation = numbersOf(await held.next(400))
    await held.close()
    expect(validation.some((row) => train.includes(row))).toBe(false)
    expect(new Set(validation).size).toBe(400)
  })
})
