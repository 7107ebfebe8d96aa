// Rates with their intervals, the sweet spot of a sweep, and steering as it is typed.
import { describe, expect, it } from 'vitest'
import { parseSteering } from '../../src/shared/steer-text.ts'
import { DEFAULT_STRENGTH } from '../../src/shared/steering.ts'
import { rateOf } from '../../src/shared/steering-effect.ts'
import { collapseOf, sweetSpotOf } from '../../src/shared/sweet-spot.ts'

describe('a rate', () => {
  it("has Wilson's interval", () => {
    // the values of the R package binom, to four places
    const { low, high } = rateOf(8, 10)
    expect([low, high].map((x) => x.toFixed(4))).toEqual(['0.4902', '0.9433'])
    expect(rateOf(0, 20).low).toBe(0)
    expect(rateOf(0, 20).high.toFixed(4)).toBe('0.1611')
    expect(rateOf(20, 20).high).toBe(1)
    expect(rateOf(0, 0)).toMatchObject({ low: 0, high: 1 })
  })
})

describe('the sweet spot', () => {
  const point = (strength: number, kl: number, more: object = {}) => {
    return { strength, kl, perplexity: 20, distinct: 0.8, repeated: 0, ...more }
  }
  it('is the most that is done before texts collapse', () => {
    const points = [point(0, 0), point(0.5, 1), point(1, 3), point(1.5, 9, { distinct: 0.2 }), point(2, 20)]
    expect(sweetSpotOf(points)).toBe(1)
    expect(sweetSpotOf([point(0, 0), point(1, 5, { perplexity: 300 })])).toBeNull()
    expect(sweetSpotOf([point(0, 0), point(1, 5, { repeated: 0.3 })])).toBeNull()
  })
  it('lies below 0 where no strength is above', () => {
    expect(sweetSpotOf([point(-2, 9, { distinct: 0.1 }), point(-1, 4), point(-0.5, 2), point(0, 0)])).toBe(-1)
  })
  it('asks for no more than unsteered texts have', () => {
    expect(
      sweetSpotOf([point(0, 0, { distinct: 0.4, repeated: 0.1 }), point(1, 1, { distinct: 0.41 })]),
    ).toBe(1)
  })
  it('is told with what collapses behind it', () => {
    expect(collapseOf([point(0, 0), point(0.5, 1), point(1, 3, { repeated: 0.3 })])).toEqual({
      ...{ strength: 1, measure: 'repeated', value: 0.3, limit: 0.05 },
    })
    expect(collapseOf([point(0, 0), point(0.5, 1, { perplexity: 300 })])).toMatchObject({ limit: 200 })
    expect(collapseOf([point(0, 0, { distinct: 0.4 }), point(1, 1, { distinct: 0.3 })])).toMatchObject({
      ...{ measure: 'distinct', limit: 0.4 },
    })
    expect(collapseOf([point(-1, 1, { distinct: 0.1 }), point(0, 0), point(1, 1)])).toBeUndefined()
  })
})

describe('steering as it is typed', () => {
  it('is a feature with a strength, in one of three ways, anywhere or where another fires', () => {
    expect(parseSteering('123=0.8, clamp:45=6,ablate:7,12')).toEqual([
      { feature: 123, mode: 'add', strength: 0.8 },
      { feature: 45, mode: 'clamp', strength: DEFAULT_STRENGTH, value: 6 },
      { feature: 7, mode: 'ablate', strength: DEFAULT_STRENGTH },
      { feature: 12, mode: 'add', strength: DEFAULT_STRENGTH },
    ])
    expect(parseSteering('1=-2@88, clamp:45@3>.5')).toEqual([
      { feature: 1, mode: 'add', strength: -2, where: { feature: 88, threshold: 0 } },
      { feature: 45, mode: 'clamp', strength: DEFAULT_STRENGTH, where: { feature: 3, threshold: 0.5 } },
    ])
  })
  it('takes a way in capitals for the same', () => {
    expect(parseSteering('CLAMP:45=6')).toEqual(parseSteering('clamp:45=6'))
  })
  it.each([
    '',
    '1=',
    'x=1',
    '1=1,',
    'ablate:7=2',
    'Ablate:7=2',
    '1=99',
    'drop:3=1',
    '1@2>',
    '1=1 2=2',
    '-4=1',
  ])('is not "%s"', (text) => {
    expect(() => parseSteering(text)).toThrow(expect.objectContaining({ code: 'steering/text' }))
  })
})
