// What the codes of a text say of one feature, of one token, and of all of it.
import { describe, expect, it } from 'vitest'
import { firedAt, peakOf, rankedIn, valuesOf } from '../../../src/renderer/state/token-codes.ts'

// a special token, and three that are text; feature 5 fires on all, 2 on two of them, 9 on one
const codes = {
  texts: ['<s>', 'chest', ' pain', '.'],
  special: Uint8Array.from([1, 0, 0, 0]),
  starts: Uint32Array.from([0, 1, 3, 5, 6]),
  features: Uint32Array.from([5, 2, 5, 2, 9, 5]),
  values: Float32Array.from([50, 1, 2, 4, 3, 0.5]),
}

describe('the codes of a text', () => {
  it('give one feature at each token', () => {
    expect([...valuesOf(codes, 5)]).toEqual([50, 2, 0, 0.5])
    expect([...valuesOf(codes, 7)]).toEqual([0, 0, 0, 0])
    expect(peakOf(valuesOf(codes, 5))).toBe(0)
    expect(peakOf(valuesOf(codes, 7))).toBe(-1)
  })

  it('give the features of a token, the strongest first', () => {
    expect(firedAt(codes, 2)).toEqual([
      { feature: 2, value: 4 },
      { feature: 9, value: 3 },
    ])
    expect(firedAt(codes, 9)).toEqual([])
  })

  it('rank features over what is text, by strength, sum and number of tokens', () => {
    const order = (by: Parameters<typeof rankedIn>[1]) => rankedIn(codes, by).map(({ feature }) => feature)
    expect(order('max')).toEqual([2, 9, 5])
    expect(order('sum')).toEqual([2, 9, 5])
    expect(order('tokens')).toEqual([2, 5, 9])
    expect(rankedIn(codes, 'sum')[0]).toEqual({ feature: 2, max: 4, sum: 5, tokens: 2, peak: 2 })
    expect(rankedIn(codes, 'max')[2]).toEqual({ feature: 5, max: 2, sum: 2.5, tokens: 2, peak: 1 })
  })
})
