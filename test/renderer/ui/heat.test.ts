// The shade of a token: its formula, where it ends, and the window around a peak.
import { describe, expect, it } from 'vitest'
import { activationWords, heatOf, windowOf } from '../../../src/shared/heat.ts'
import { inText } from '../../../src/shared/token-spelling.ts'
import { heatColor } from '../../../src/renderer/ui/heat.ts'

describe('heat', () => {
  it('rises from a twentieth to all of it with the logarithm of the share', () => {
    expect(heatOf(8, 8)).toBeCloseTo(1, 10)
    expect(heatOf(4, 8)).toBeCloseTo(0.05 + 0.95 * Math.log10(5.5), 10)
    expect(heatOf(0.001, 8)).toBeGreaterThan(0.05)
    // stronger than what it is measured by
    expect(heatOf(9, 8)).toBeCloseTo(1, 10)
  })

  it('is nothing where the feature does not fire, or hardly', () => {
    for (const value of [0, -1, 4e-5, Number.NaN]) expect(heatOf(value, 8)).toBe(0)
    expect(heatOf(1, 0)).toBe(0)
    expect(heatColor(0)).toBeUndefined()
    expect(heatColor(0.5, '--pin-1')).toBe('color-mix(in srgb, var(--pin-1) 50.0%, transparent)')
  })

  it('is on white space that can be seen', () => {
    expect(inText('\n')).toBe('↵')
    expect(inText('  ')).toBe('··')
    expect(inText(' the')).toBe(' the')
    expect(inText('\t')).toBe('⇥')
    expect(inText('a\u202eb')).toBe('a\ufffdb')
  })

  it('is shown in a window that ends where the text does', () => {
    expect(windowOf(20, 5, 100)).toEqual([15, 26])
    expect(windowOf(2, 5, 100)).toEqual([0, 8])
    expect(windowOf(98, 5, 100)).toEqual([93, 100])
    expect(windowOf(-1, 5, 3)).toEqual([0, 3])
    expect(windowOf(0, 5, 0)).toEqual([0, 0])
  })

  it('has values of three digits', () => {
    expect([7.934, 0.04123, 12345].map(activationWords)).toEqual(['7.93', '0.0412', '12300'])
  })
})
