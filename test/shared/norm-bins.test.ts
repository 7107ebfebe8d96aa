// Groups of positions and bins of norms: each number has its place, and the words say which.
import { describe, expect, it } from 'vitest'
import { normHistogramOption } from '../../src/shared/charts/norm-histogram-option.ts'
import { formatNumber } from '../../src/shared/units.ts'
import { binStart, groupName, normBin, normBins, positionGroup } from '../../src/shared/norm-bins.ts'

describe('norms', () => {
  it('fall into the bin that begins at or below them', () => {
    for (const norm of [0.07, 0.5, 1, 1.19, 104, 5_000]) {
      const bin = normBin(norm)
      expect(binStart(bin)).toBeLessThanOrEqual(norm)
      expect(binStart(bin + 1)).toBeGreaterThan(norm)
    }
    expect([normBin(0), normBin(1e-9), normBin(1e9)]).toEqual([0, 0, normBins.count - 1])
  })

  it('are counted by positions whose group says which they are', () => {
    const names = [0, 7, 8, 15, 16, 127, 128].map((position) => groupName(positionGroup(position)))
    expect(names).toEqual(['0', '7', '8–15', '8–15', '16–31', '64–127', '128–255'])
  })

  it('are drawn by their share of their own positions, with marks inside what is drawn only', () => {
    const row = (bins: Record<number, number>) =>
      Array.from({ length: normBins.count }, (_, bin) => bins[bin] ?? 0)
    const colors = { text: '', line: '', panel: '', ink: '', limit: '', series: [''], fontFamily: '' }
    const [low, high] = [normBin(10), normBin(40)]
    const option = normHistogramOption(
      {
        histogram: [row({ [high]: 4 }), row({ [low]: 1, [low + 1]: 3 })],
        marks: [
          { name: 'mean', norm: 10 },
          { name: 'sinks', norm: 10_000 },
        ],
      },
      colors,
    )
    const [{ data }, { markLine }] = option.series
    expect(data).toEqual([
      [high - low + 1, 0, 1],
      [1, 1, 0.25],
      [2, 1, 0.75],
    ])
    // the scale says the same of the place of a mark as its name does
    const [mean, ...others] = markLine.data
    expect(others).toEqual([])
    const [, scale] = option.xAxis
    expect(scale.axisLabel.formatter(mean!.xAxis)).toBe('10')
    // a column begins at the tick of its smallest norm
    expect(scale.axisLabel.formatter(1)).toBe(formatNumber(binStart(low)))
    expect(scale.max).toBe(high - low + 3)
    expect(option.tooltip.formatter({ data: data[1] })).toMatch(
      /^position 1 · norm [\d.]+ to [\d.]+ · 1 rows, 25 %/,
    )
  })
})
