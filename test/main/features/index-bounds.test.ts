// What the passes of an index hold at once, whatever the number of features and rows.
import { describe, expect, it } from 'vitest'
import { planBuckets, RECORD_BYTES } from '../../../src/main/features/buckets.ts'
import { Directions } from '../../../src/main/features/directions.ts'
import { featuresAtOnce } from '../../../src/main/features/together.ts'
import { partsInMemory, type SaeParts } from '../../../src/main/sae/sae-parts.ts'
import { chanceSae } from '../../helpers/small-index.ts'
import { cpuWith } from '../../helpers/llama.ts'

describe('the passes of an index', () => {
  it('sort buckets of 32 MB and 512 features at most, but for a feature that has more by itself', () => {
    const most = 2 ** 25 / RECORD_BYTES
    for (const [F, firings] of [
      [4_096, 2_000],
      [65_536, 40],
      [65_536, 200_000],
      [300_000, 9],
    ] as const) {
      const all = new Uint32Array(F).fill(firings)
      all[F >> 1] = 5_000_000
      const starts = planBuckets(all)
      for (const [bucket, from] of starts.slice(0, -1).entries()) {
        const its = all.subarray(from, starts[bucket + 1])
        const records = its.reduce((sum, count) => sum + count, 0)
        if (its.length > 1) expect(records).toBeLessThanOrEqual(most)
        expect(its.length).toBeLessThanOrEqual(512)
      }
    }
  })

  it('count pairs in 32 MB', () => {
    for (const F of [100, 4_096, 65_536, 1_000_000]) {
      expect(featuresAtOnce(F) * F * 2).toBeLessThanOrEqual(2 ** 25)
      expect(featuresAtOnce(F)).toBeGreaterThan(0)
    }
  })

  it('compare directions of which a block is held, with the same cosines whatever the block', async () => {
    const sae = chanceSae(64, 6_000, 5)
    const read: number[] = []
    const inMemory = partsInMemory(sae)
    const parts: SaeParts = {
      ...inMemory,
      read: async (name, from, count) => {
        read.push(64 * count)
        return inMemory.read(name, from, count)
      },
    }
    const near = async (most: number | undefined) => {
      const directions = await Directions.open(parts, cpuWith(), { logits: null, most })
      const found = await directions.of(100, 3)
      await directions.close()
      return found
    }
    const usual = await near(undefined)
    expect(Math.max(...read)).toBe(64 * 4_096)
    read.length = 0
    const little = await near(700)
    expect(Math.max(...read)).toBe(64 * 700)
    for (const [at, { feature, norm, near: its }] of usual.entries()) {
      expect(little[at]).toMatchObject({ feature, norm })
      expect(its).toHaveLength(50)
      expect(little[at]!.near.map((one) => one.feature)).toEqual(its.map((one) => one.feature))
      for (const [place, { cosine }] of its.entries()) {
        expect(little[at]!.near[place]!.cosine).toBeCloseTo(cosine, 5)
      }
    }
  })
})
