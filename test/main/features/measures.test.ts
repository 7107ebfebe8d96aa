// The measures of an index by themselves: buckets, windows, logit effects, flags, correlation and contrast.
import { describe, expect, it } from 'vitest'
import { correlation } from '../../../src/main/features/aligned.ts'
import { planBuckets } from '../../../src/main/features/buckets.ts'
import { effectsOf } from '../../../src/main/features/directions.ts'
import { contrast } from '../../../src/main/features/feature-search.ts'
import { flagsBy } from '../../../src/main/features/flags.ts'
import { MOST_SAMPLED, scattered } from '../../../src/main/features/together.ts'
import { windowsOf } from '../../../src/main/features/windows.ts'
import { bitsOf, flagsOf, hasFlag } from '../../../src/shared/feature-flags.ts'

describe('buckets', () => {
  it('hold neighbouring features up to a size, and one that is larger by itself', () => {
    expect(planBuckets(Uint32Array.from([5, 5, 5, 20, 1, 9, 1]), 10)).toEqual([0, 2, 3, 4, 6, 7])
    expect(planBuckets(Uint32Array.from([0, 0, 0]), 10)).toEqual([0, 3])
    expect(planBuckets(new Uint32Array(1_200), 10)).toEqual([0, 512, 1_024, 1_200])
  })
})

describe('windows', () => {
  it('are the same for the same tokens around in any order, and for the same five up to a place', () => {
    const filler = Array.from({ length: 40 }, (_, at) => 1_000 + at)
    const at = (tokens: number[], place: number) => {
      const { around, ending } = windowsOf(Int32Array.from(tokens))
      return { around: around[place]!, ending: ending[place]! }
    }
    const text = [...filler, 1, 2, 3, 4, 5, 6, 7, ...filler]
    const turned = [...filler, 7, 2, 3, 4, 5, 6, 1, ...filler]
    const later = [9, ...text]
    expect(at(text, 43).around).toBe(at(turned, 43).around)
    expect(at(text, 43).ending).not.toBe(at(turned, 43).ending)
    expect(at(text, 44)).toEqual(at(later, 45))
    expect(at(text, 43).around).not.toBe(at(text, 44).around)
    // where a context begins or ends there is less around
    expect(at([1, 2], 0)).toEqual(at([1, 2], 0))
    expect(at([1, 2], 0).around).not.toBe(at([1, 3], 0).around)
  })
})

describe('what a direction adds to the logits', () => {
  it('is told by its ends, the first of equal tokens first, and by how many lie where', () => {
    const logits = Float32Array.from({ length: 100 }, (_, id) => (id * 37) % 50)
    const { up, down, from, to, histogram } = effectsOf(logits)
    expect([from, to]).toEqual([0, 49])
    expect(up.map(({ value }) => value)).toEqual([49, 49, 48, 48, 47, 47, 46, 46, 45, 45])
    expect(up[0]!.id).toBeLessThan(up[1]!.id)
    expect(down.map(({ value }) => value)).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4, 4])
    expect(histogram.reduce((a, b) => a + b)).toBe(100)
    const flat = effectsOf(new Float32Array(20))
    expect([flat.from, flat.to, flat.histogram[0]]).toEqual([0, 0, 20])
  })
})

describe('flags', () => {
  const group = (language: string | null) => ({ stratum: null, language, validates: false })
  const facts = {
    survey: { rows: 10_000, rowsByGroup: Uint32Array.from([6_000, 4_000]) },
    groups: [group('en'), group('es')],
    spelled: () => ' aorta',
  }
  const plain = {
    ...{ firings: 100, fired: 50, apart: 0, byGroup: Uint32Array.from([60, 40]) },
    ...{ token: 7, tokenShare: 0.1, marksShare: 0.1, earlyShare: 0.1, repeatedShare: 0.1 },
  }
  const flags = (changes: Partial<typeof plain>, more: Partial<typeof facts> = {}) =>
    flagsBy({ ...plain, ...changes }, { ...facts, ...more }).map(({ flag }) => flag)

  it('are few where nothing is remarkable, and each has its own reason', () => {
    expect(flags({})).toEqual([])
    expect(flags({ firings: 0 })).toEqual(['dead'])
    expect(flags({ firings: 1_500 })).toEqual(['dense'])
    expect(flags({ apart: 100 })).toEqual(['sink'])
    expect(flags({ marksShare: 0.8 })).toEqual(['punctuation'])
    expect(flags({ earlyShare: 0.8 })).toEqual(['scaffold'])
    expect(flags({ repeatedShare: 0.6 })).toEqual(['scaffold'])
    expect(flags({ repeatedShare: 0.6, fired: 19 })).toEqual([])
    expect(flags({ tokenShare: 0.95 })).toEqual(['single-token'])
    expect(flags({ byGroup: Uint32Array.from([0, 40]) })).toEqual(['language-specific'])
    // too few firings to tell more than that it is not dead
    expect(flags({ firings: 9, tokenShare: 1 })).toEqual([])
    // one language alone is none in particular
    expect(flags({ byGroup: Uint32Array.from([60, 0]) }, { groups: [group('en'), group(null)] })).toEqual([])
    const few = { survey: { rows: 10_000, rowsByGroup: Uint32Array.from([9_100, 900]) } }
    expect(flags({ byGroup: Uint32Array.from([60, 0]) }, few)).toEqual([])
  })

  it('say by what they were seen', () => {
    const [found] = flagsBy({ ...plain, tokenShare: 0.95 }, facts)
    expect(found).toEqual({
      ...{ flag: 'single-token', value: 0.95, threshold: 0.9 },
      evidence: '95 % of its activation is on “ aorta”.',
    })
  })

  it('are bits of a number', () => {
    expect(flagsOf(bitsOf(['dense', 'language-independent']))).toEqual(['dense', 'language-independent'])
    expect(hasFlag(bitsOf(['sink']), 'sink')).toBe(true)
    expect(hasFlag(bitsOf(['sink']), 'dead')).toBe(false)
  })
})

describe('statistics', () => {
  it('correlation is 1 for the same pairs, 0 by chance, and 0 for what always fires', () => {
    expect(correlation(60, 10, 10, 10)).toBeCloseTo(1, 12)
    expect(correlation(60, 30, 20, 10)).toBeCloseTo(0, 12)
    expect(correlation(60, 60, 60, 60)).toBe(0)
    expect(correlation(60, 30, 30, 0)).toBeCloseTo(-1, 12)
  })

  it('contrast is the log-odds ratio over its standard error', () => {
    // 8 of 10 here, 20 of 990 elsewhere, with ½ added to each
    const ratio = Math.log((8.5 * 970.5) / (2.5 * 20.5))
    const error = Math.sqrt(1 / 8.5 + 1 / 2.5 + 1 / 20.5 + 1 / 970.5)
    expect(contrast(8, 10, 28, 1_000)).toBeCloseTo(ratio / error, 12)
    expect(contrast(1, 10, 100, 1_000)).toBeCloseTo(0, 0)
    expect(contrast(0, 10, 500, 1_000)).toBeLessThan(-1)
    // what is seen often is surer than what is seen once
    expect(contrast(50, 100, 100, 10_000)).toBeGreaterThan(contrast(1, 2, 100, 10_000))
  })

  it('a sample of firings is spread over all of them, and about as large as it should be', () => {
    const firings = 40_000
    const chosen = Array.from({ length: firings }, (_, row) => row).filter(
      (row) => scattered(row, 17) < (MOST_SAMPLED / firings) * 2 ** 32,
    )
    expect(chosen.length).toBeGreaterThan(900)
    expect(chosen.length).toBeLessThan(1_100)
    expect(chosen.filter((row) => row < firings / 2).length / chosen.length).toBeCloseTo(0.5, 1)
    const others = chosen.filter((row) => scattered(row, 18) < (MOST_SAMPLED / firings) * 2 ** 32)
    expect(others.length).toBeLessThan(60)
  })
})
