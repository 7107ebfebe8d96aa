// What a sweep says of its sweet spot, and of there being none.
import { expect, it } from 'vitest'
import { sweetSpotWords } from '../../../src/renderer/pages/steering/sweep-words.ts'
import type { SweepPoint } from '../../../src/shared/steering-effect.ts'

const point = (strength: number, more: Partial<SweepPoint> = {}): SweepPoint => ({
  ...{ strength, texts: [], kl: Math.abs(strength), perplexity: 20, distinct: 0.8, repeated: 0 },
  ...{ activations: [], ...more },
})

it('says what collapses, and where', () => {
  const points = [point(0), point(0.5), point(1, { distinct: 0.31 })]
  expect(sweetSpotWords(points)).toBe(
    'the strength with the greatest effect before fluency collapses. It collapses at +1.00: 31 % of a text’s words are different ones, where 50 % is the least.',
  )
  expect(sweetSpotWords([point(0), point(0.5)])).toMatch(/It does not within this sweep\.$/)
})

it('says why there is none, and what may help', () => {
  expect(sweetSpotWords([point(0), point(0.5, { repeated: 0.076 })])).toBe(
    'No sweet spot: at +0.50, the weakest strength of the sweep, 7.6 % of a text’s runs of four words were there before, where 5 % is the most. One text that repeats itself can do that: sweep with more texts each, or set a repetition penalty in Sampling.',
  )
  expect(sweetSpotWords([point(0), point(0.5, { perplexity: 1_234 })])).toMatch(
    /perplexity is 1,230, where 200 is the most\. A weaker one may still be right/,
  )
})
