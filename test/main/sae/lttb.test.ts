// Fewer points of a curve, with its ends and what sticks out.
import { describe, expect, it } from 'vitest'
import { downsampled } from '../../../src/main/sae/lttb.ts'

describe('down-sampling', () => {
  const x = Array.from({ length: 10_000 }, (_, step) => step)

  it('keeps the ends, the order, the number asked for, and what sticks out', () => {
    const y = x.map((step) => (step === 4_321 ? 50 : Math.sin(step / 500)))
    const places = downsampled(x, y, 200)
    expect(places).toHaveLength(200)
    expect([places[0], places.at(-1)]).toEqual([0, 9_999])
    expect(places).toContain(4_321)
    expect(places.every((place, at) => at === 0 || place > places[at - 1]!)).toBe(true)
  })

  it('keeps all of what is short', () => {
    expect(downsampled([1, 2, 3], [3, 2, 1], 10)).toEqual([0, 1, 2])
    expect(downsampled([], [], 10)).toEqual([])
  })

  it('stays near the curve, far nearer than as many points at equal distances of a noisy one', () => {
    const y = x.map((step) => Math.exp(-step / 1_000) + 0.1 * Math.sin(step * 12.9898))
    const extremes = downsampled(x, y, 400).map((place) => y[place]!)
    expect(Math.max(...extremes)).toBeCloseTo(Math.max(...y), 1)
    expect(Math.min(...extremes)).toBeCloseTo(Math.min(...y), 1)
  })
})
