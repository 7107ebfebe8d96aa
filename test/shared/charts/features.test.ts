// The charts of features: the groups of the map, and the bins of a histogram.
import { describe, expect, it } from 'vitest'
import { featureMapOption, mapGroups } from '../../../src/shared/charts/feature-map-option.ts'
import { histogramOption } from '../../../src/shared/charts/histogram-option.ts'
import type { ChartColors } from '../../../src/shared/charts/chart-style.ts'
import { featureTable } from '../../helpers/feature-table.ts'

const colors: ChartColors = {
  ...{ text: '#111', line: '#222', panel: '#fff', ink: '#000', limit: '#999', fontFamily: 'sans' },
  series: ['#a00', '#0a0', '#00a', '#aa0', '#000'],
}

describe('the map of features', () => {
  const table = featureTable(2_000)
  const groups = mapGroups(table)

  it('has each feature that fires once, with its first flag', () => {
    const drawn = groups.flatMap(({ features }) => [...features])
    expect(new Set(drawn).size).toBe(drawn.length)
    expect(drawn.length).toBe(table.density.filter((share) => share > 0).length)
    expect(groups.map(({ name }) => name)).toEqual(['No flag', 'Dense'])
    const dense = groups[1]!
    expect(dense.points[0]).toBeCloseTo(Math.log10(0.2), 5)
    expect(dense.points[1]).toBe(table.max[dense.features[0]!])
  })

  it('tells a point by its number, and groups by shape as well as colour', () => {
    const option = featureMapOption(groups, colors)
    const [plain, dense] = option.series
    expect(plain?.symbol).not.toBe(dense?.symbol)
    expect(plain?.itemStyle.color).not.toBe(dense?.itemStyle.color)
    const words = option.tooltip.formatter({ seriesIndex: 1, dataIndex: 0 })
    expect(words).toContain(`feature ${groups[1]!.features[0]} · density 20 %`)
  })
})

describe('a histogram', () => {
  it('says what is in a bin, and leaves out empty ones where the axis is logarithmic', () => {
    const data = { counts: Uint32Array.from([100, 0, 3, 1]), from: 0, to: 8, unit: 'tokens' }
    const option = histogramOption({ ...data, log: true }, colors)
    expect(option.tooltip.formatter([{ dataIndex: 2 }])).toBe('4 to 6: 3 tokens')
    expect(option.series[0]?.data).toEqual([100, null, 3, 1])
    expect(histogramOption({ ...data, log: false }, colors).series[0]?.data).toEqual([100, 0, 3, 1])
  })
})
