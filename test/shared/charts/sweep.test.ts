// The curves of a sweep: in order, a panel each, with the sweet spot where it is.
import { describe, expect, it } from 'vitest'
import { sweepHeight, sweepOption } from '../../../src/shared/charts/sweep-option.ts'
import type { SweepPoint } from '../../../src/shared/steering-effect.ts'

const colors = {
  ...{ text: '#000', ink: '#000', line: '#ccc', panel: '#fff', fontFamily: 'sans', limit: '#f00' },
  series: ['#00f', '#0a0', '#f00'],
}
const point = (strength: number): SweepPoint => ({
  ...{ strength, texts: ['a'], kl: strength ** 2, perplexity: 10 * (1 + strength ** 2) },
  ...{ distinct: 0.8, repeated: 0.1, activations: [3 * Math.abs(strength), 1] },
})
const chart = {
  points: [point(1), point(-1), point(0)],
  ...{ sweetSpot: 1, strength: 0.5, pinned: ['feature 7', 'feature 9'] },
}

describe('the curves of a sweep', () => {
  it('are in the order of the strengths, with axes of the same ends', () => {
    const { series, xAxis, yAxis } = sweepOption(chart, colors, 1_200)
    const lines = Object.fromEntries(series.map(({ name, data }) => [name, data]))
    expect(lines.KL).toEqual([
      [-1, 1],
      [0, 0],
      [1, 1],
    ])
    expect(lines['feature 7']!.map(([, value]) => value)).toEqual([3, 0, 3])
    expect(lines['words said before']![0]![1]).toBeCloseTo(0.2)
    expect(xAxis.map(({ min, max }) => [min, max])).toEqual(Array.from({ length: 4 }, () => [-1, 1]))
    // shares are drawn out of all of it
    expect(yAxis.map((axis) => axis.max)).toEqual([undefined, undefined, 1, undefined])
  })

  it('tell lines of one panel apart without colours', () => {
    const { series } = sweepOption(chart, colors, 1_200)
    const last = series.filter(({ xAxisIndex }) => xAxisIndex === 3)
    expect(last.map(({ lineStyle }) => lineStyle.type)).toEqual(['solid', 'dashed'])
  })

  it('mark the sweet spot and the slider in every panel, and name the first', () => {
    const marks = sweepOption(chart, colors, 1_200).series.flatMap(({ markLine }) =>
      markLine ? [markLine] : [],
    )
    expect(marks).toHaveLength(4)
    expect(marks.map(({ data }) => data.map(({ xAxis }) => xAxis))).toEqual(
      Array.from({ length: 4 }, () => [1, 0.5]),
    )
    expect(marks[0]!.data[0]!.label).toMatchObject({ show: true, formatter: 'sweet spot' })
    const none = sweepOption({ ...chart, sweetSpot: null }, colors, 1_200)
    expect(none.series[0]!.markLine!.data.map(({ xAxis }) => xAxis)).toEqual([0.5])
  })

  it('stand in one row where there is room', () => {
    expect(sweepHeight(1_200)).toBe(sweepHeight(800) / 2)
    const { grid } = sweepOption(chart, colors, 800)
    expect(new Set(grid.map(({ top }) => top)).size).toBe(2)
    // titles end before the next panel
    const { title } = sweepOption(chart, colors, 908)
    expect(title.map(({ left, textStyle }) => left + textStyle.width < left + 908 / 4)).toEqual(
      Array.from({ length: 4 }, () => true),
    )
  })
})
