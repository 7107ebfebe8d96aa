// The charts of what a job used: only what is known is shown, gaps stay gaps.
import { describe, expect, it } from 'vitest'
import { chartHeight, resourceOption } from '../../../src/shared/charts/resource-option.ts'
import {
  formatValue,
  lastSeconds,
  lineKey,
  resourcePanels,
  summarise,
  withoutLines,
} from '../../../src/shared/charts/resources.ts'
import { toColumns } from '../../../src/shared/jobs/series.ts'
import { sampleAt } from '../../helpers/samples.ts'

const columns = toColumns([
  sampleAt(0, { rss: 1e6, machineCpu: 50, machineMemoryUsed: 3e9, machineMemoryTotal: 8e9 }),
  sampleAt(30_000, { machineCpu: 60, machineMemoryUsed: 4e9, machineMemoryTotal: 8e9 }),
  sampleAt(90_000, { rss: 3e6, machineCpu: 70, machineMemoryUsed: 5e9, machineMemoryTotal: 8e9 }),
])
const panels = resourcePanels(columns)
const colors = {
  ...{ text: '#1', line: '#2', panel: '#3', ink: '#4', limit: '#5' },
  ...{ series: ['#6', '#7'], fontFamily: 'Inter' },
}
const WIDE = 1000
const NARROW = 600

describe('resource panels', () => {
  it('leave out what nothing answered to', () => {
    expect(panels.map((panel) => panel.title)).toEqual([
      'Memory of the job',
      'Memory of the machine',
      'Processor',
    ])
    expect(panels[2]?.lines.map((line) => line.name)).toEqual(['machine'])
  })

  it('show the GPU where there is one, and only then', () => {
    const withGpu = resourcePanels(toColumns([sampleAt(0, { gpuUse: 30, machineVramUsed: 1e9 })]))
    expect(withGpu.map((panel) => panel.title)).toEqual(['GPU memory', 'GPU use'])
    expect(panels.some((panel) => panel.title.startsWith('GPU'))).toBe(false)
  })

  it('can be cut to the last minute', () => {
    expect([...lastSeconds(columns, 60).at]).toEqual([30_000, 90_000])
    expect([...lastSeconds(columns, 1_000).at]).toEqual([0, 30_000, 90_000])
  })

  it('lose the lines that are switched off, and a panel with the last of them', () => {
    const keys = panels.flatMap((panel) => panel.lines.map((line) => lineKey(panel, line)))
    expect(new Set(keys).size).toBe(keys.length)
    const left = withoutLines(panels, new Set(['Processor, machine', 'Memory of the machine, used']))
    expect(left.map((panel) => [panel.title, panel.lines.map((line) => line.name)])).toEqual([
      ['Memory of the job', ['job']],
      ['Memory of the machine', ['all there is']],
    ])
  })
})

describe('a line in numbers', () => {
  const line = (values: number[]) => ({
    name: 'job',
    limit: false,
    points: values.map((value, index) => [index, value] as const),
  })

  it('counts values and leaves gaps out', () => {
    const summary = summarise(line([2, Number.NaN, 6, 1, Number.NaN]))
    expect(summary).toEqual({ lowest: 1, mean: 3, highest: 6, last: 1 })
  })

  it('is nothing when all of it is a gap', () => {
    expect(summarise(line([Number.NaN]))).toBeNull()
    expect(summarise(line([]))).toBeNull()
  })

  it('is read in its unit', () => {
    expect(formatValue(2e9, 'bytes')).toBe('2 GB')
    expect(formatValue(1500, 'bytes/s')).toBe('1.5 kB/s')
    expect(formatValue(66.6666, '%')).toBe('66.7 %')
  })
})

describe('the chart option', () => {
  it('has one grid and axis pair a panel, and gaps for unknown values', () => {
    const option = resourceOption(panels, colors, WIDE)
    expect(option.grid).toHaveLength(3)
    expect(option.xAxis).toHaveLength(3)
    expect(option.series.map((series) => series.yAxisIndex)).toEqual([0, 1, 1, 2])
    expect(option.series[0]?.data).toEqual([
      [0, 1e6],
      [30_000, null],
      [90_000, 3e6],
    ])
  })

  it('tells a limit from a measured line by more than its colour', () => {
    const [, used, limit] = resourceOption(panels, colors, WIDE).series
    expect([used?.lineStyle.type, limit?.lineStyle.type]).toEqual(['solid', 'dashed'])
    expect([used?.color, limit?.color]).toEqual(['#6', '#5'])
  })

  it('names a gap in the tooltip instead of calling it zero', () => {
    const [series] = resourceOption(panels, colors, WIDE).series
    expect(series?.tooltip.valueFormatter(1e6)).toBe('1 MB')
    expect(series?.tooltip.valueFormatter(null)).toBe('–')
  })

  it.each([WIDE, NARROW])('keeps every panel and title inside its %i pixels, none over another', (width) => {
    const option = resourceOption(panels, colors, width)
    const height = chartHeight(panels.length, width)
    const boxes = option.grid.map((grid, index) => ({ ...grid, titleTop: option.title[index]?.top ?? -1 }))
    for (const box of boxes) {
      expect(box.titleTop).toBeGreaterThanOrEqual(0)
      expect(box.top).toBeGreaterThan(box.titleTop)
      expect(box.left + box.width).toBeLessThanOrEqual(width)
      expect(box.top + box.height).toBeLessThan(height)
    }
    const places = boxes.map((box) => `${box.left} ${box.top}`)
    expect(new Set(places).size).toBe(places.length)
  })

  it('shows one span of time in all panels, and seconds around a lonely sample', () => {
    const lineAt = (...times: number[]) => ({
      ...{ title: 'x', unit: 'bytes' as const },
      lines: [{ name: 'x', limit: false, points: times.map((at) => [at, 1] as const) }],
    })
    const spans = (...shown: Parameters<typeof resourceOption>[0]) =>
      resourceOption(shown, colors, WIDE).xAxis.map(({ min, max }) => [min, max])
    expect(spans(lineAt(10_000))).toEqual([[7_500, 12_500]])
    expect(spans(lineAt(0, 60_000), lineAt(1_000))).toEqual([
      [0, 60_000],
      [0, 60_000],
    ])
    expect(spans(lineAt())).toEqual([[undefined, undefined]])
  })

  it('is lower where panels stand side by side', () => {
    expect(chartHeight(4, NARROW)).toBe(2 * chartHeight(4, WIDE))
  })
})
