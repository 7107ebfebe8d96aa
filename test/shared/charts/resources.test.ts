// The charts of what a job used: only what is known is shown, gaps stay gaps.
import { describe, expect, it } from 'vitest'
import { chartHeight, panelOption } from '../../../src/shared/charts/panel-option.ts'
import { lastSeconds, resourcePanels } from '../../../src/shared/charts/resources.ts'
import { toColumns } from '../../../src/shared/jobs/series.ts'
import { sampleAt } from '../../helpers/samples.ts'

const columns = toColumns([
  sampleAt(0, { rss: 1e6, machineCpu: 50 }),
  sampleAt(30_000, { machineCpu: 60 }),
  sampleAt(90_000, { rss: 3e6, machineCpu: 70 }),
])
const colors = { text: '#1', line: '#2', panel: '#3', ink: '#4', series: ['#5', '#6'] }

describe('resource panels', () => {
  it('leave out what nothing answered to', () => {
    expect(resourcePanels(columns).map((panel) => panel.title)).toEqual(['Memory of the job', 'Processor'])
    expect(resourcePanels(columns)[1]?.lines.map((line) => line.name)).toEqual(['machine'])
  })

  it('can be cut to the last minute', () => {
    expect([...lastSeconds(columns, 60).at]).toEqual([30_000, 90_000])
    expect([...lastSeconds(columns, 1_000).at]).toEqual([0, 30_000, 90_000])
  })
})

describe('the chart option', () => {
  it('has one grid and axis pair a panel, and gaps for unknown values', () => {
    const option = panelOption(resourcePanels(columns), colors)
    expect(option.grid).toHaveLength(2)
    expect(option.xAxis).toHaveLength(2)
    expect(option.series.map((series) => series.yAxisIndex)).toEqual([0, 1])
    expect(option.series[0]?.data).toEqual([
      [0, 1e6],
      [30_000, null],
      [90_000, 3e6],
    ])
  })

  it('formats values in their unit', () => {
    const option = panelOption(resourcePanels(columns), colors)
    expect(option.yAxis[0]?.axisLabel.formatter(2e9)).toBe('2 GB')
    expect(option.yAxis[1]?.axisLabel.formatter(150)).toBe('150 %')
  })

  it('grows with its panels', () => {
    expect(chartHeight(3) - chartHeight(2)).toBe(chartHeight(2) - chartHeight(1))
  })
})
