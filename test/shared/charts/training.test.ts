// Curves of training: running means without a bias, axes that can be read.
import { describe, expect, it } from 'vitest'
import {
  densityOption,
  smoothed,
  trainingOption,
  trainingPanels,
} from '../../../src/shared/charts/training-option.ts'
import { curvesCsv } from '../../../src/shared/charts/curves-csv.ts'

const colors = {
  ...{ text: '#000', ink: '#000', line: '#ccc', panel: '#fff', fontFamily: 'sans', limit: '#f00' },
  series: ['#00f', '#0a0', '#f00'],
}

describe('panels', () => {
  const curve = { step: Float64Array.of(1, 2, 3), value: Float64Array.of(24, 24, 24) }
  const curves = {
    steps: 3,
    series: { l0: curve, penalty: { ...curve, value: Float64Array.of(0, 1, 2) } },
    densities: null,
  }
  const one = [{ name: 'a', curves }]
  const panel = (title: string) => trainingPanels.find((one) => one.title === title)!
  const linear = { log: false, smoothing: 0 }

  it('show what there is, and leave the rest out', () => {
    const { series } = trainingOption(panel('L0'), one, linear, colors)
    expect(series.map(({ name, data }) => [name, data])).toEqual([
      [
        'training',
        [
          [1, 24],
          [2, 24],
          [3, 24],
        ],
      ],
    ])
  })

  it('have an axis whose labels differ where values hardly do', () => {
    const { yAxis } = trainingOption(panel('L0'), one, linear, colors)
    expect(yAxis.min?.({ min: 24, max: 24 })).toBeLessThan(24)
    expect(yAxis.max?.({ min: 24, max: 24 })).toBeGreaterThan(24)
    expect(yAxis.min?.({ min: 1, max: 24 })).toBeUndefined()
  })

  it('leave out what a logarithm has not', () => {
    const { series } = trainingOption(panel('Loss'), one, { log: true, smoothing: 0 }, colors)
    expect(series[0]!.data.map(([, value]) => value)).toEqual([null, 1, 2])
  })

  it('smooth without pulling the beginning to zero', () => {
    expect(smoothed([5, 5, 5], 0.9)).toEqual([5, 5, 5].map((value): unknown => expect.closeTo(value, 10)))
    expect(smoothed([0, 10], 0.5)[1]).toBeCloseTo(20 / 3, 10)
  })

  it('name densities by powers of ten', () => {
    const { xAxis, series } = densityOption(
      [{ name: 'a', curves: { ...curves, densities: [3, 0, 1] } }],
      colors,
    )
    expect(xAxis.data).toEqual(['never', '10^-8.00', '10^-7.75'])
    expect(xAxis.axisLabel.formatter('10^-7.00')).toBe('10⁻⁷')
    expect(series[0]!.data).toEqual([3, 0, 1])
  })

  it('lay runs over each other: a colour for each, its lines by their dashes', () => {
    const fewer = { steps: 1, series: { penalty: curve }, densities: [1] }
    const runs = [...one, { name: 'b', curves: fewer }]
    const loss = trainingOption(panel('Loss'), runs, linear, colors)
    expect(loss.series.map(({ name, color, lineStyle }) => [name, color, lineStyle.type])).toEqual([
      ['a sparsity', '#00f', 'dotted'],
      ['b sparsity', '#0a0', 'dotted'],
    ])
    // the page says once for all panels which colour is which
    expect(loss.legend.show).toBe(false)
    expect(densityOption(runs, colors).series.map(({ name, color }) => [name, color])).toEqual([
      ['b', '#0a0'],
    ])
  })

  it('tell of every line at the point of it that is nearest, and show names as they are', () => {
    const sparse = { step: Float64Array.of(1, 3), value: Float64Array.of(8, 9) }
    const runs = [...one, { name: '<b>&', curves: { steps: 3, series: { l0: sparse }, densities: null } }]
    const { formatter } = trainingOption(panel('L0'), runs, linear, colors).tooltip
    const tip = formatter([{ axisValue: 2.4 }])
    expect(tip).toContain('step 2')
    expect(tip).toContain('a training</span><b>24</b>')
    expect(tip).toContain('&#60;b&#62;&#38; training</span><b>9</b>')
    expect(formatter([{ axisValue: 99 }])).toContain('<b>9</b>')
    expect(formatter([])).toBe('')
  })

  it('smooth what is measured of few rows, and no schedule', () => {
    const jump = { step: Float64Array.of(1, 2), value: Float64Array.of(0, 1) }
    const curves = { steps: 2, series: { rate: jump, gradient: jump }, densities: null }
    const last = (title: string) =>
      trainingOption(
        panel(title),
        [{ name: 'a', curves }],
        { log: false, smoothing: 0.9 },
        colors,
      ).series[0]!.data.at(-1)![1]
    expect(last('Learning rate')).toBe(1)
    expect(last('Norm of the gradient')).toBeLessThan(0.6)
  })

  it('leave the wheel to the page, and zoom with Shift', () => {
    expect(trainingOption(panel('L0'), one, linear, colors).dataZoom[0]).toMatchObject({
      zoomOnMouseWheel: 'shift',
    })
  })

  it('are a table with a line for every point, whatever a run is called', () => {
    const short = { step: Float64Array.of(1), value: Float64Array.of(0.5) }
    const table = curvesCsv([
      { id: 'a', curves: { steps: 1, series: { l0: short, 'validation.l0': short }, densities: null } },
      { id: 'x, "y"', curves: { steps: 1, series: { l0: short }, densities: null } },
    ])
    expect(table.split('\n')).toEqual([
      'run,series,step,value',
      'a,l0,1,0.5',
      'a,validation.l0,1,0.5',
      '"x, ""y""",l0,1,0.5',
    ])
  })
})
