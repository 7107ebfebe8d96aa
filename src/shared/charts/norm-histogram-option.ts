// ECharts options for the norms of a harvest: how many rows of each group of positions are how long, as pure data.
import { binPlace, binStart, groupName, normBins } from '../norm-bins.ts'
import { formatNumber } from '../units.ts'
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'

// pixels
const ROW_HEIGHT = 20
const TOP = 20
const BOTTOM = 44
const LEFT = 92

/** Pixels a histogram of so many groups of positions needs. */
export function normHistogramHeight(groups: number): number {
  return Math.max(1, groups) * ROW_HEIGHT + TOP + BOTTOM
}

export interface NormHistogramData {
  /** Counts by group of positions and bin of the logarithm. */
  readonly histogram: readonly (readonly number[])[]
  /** Lines across all groups: the mean of ordinary rows, and from where on rows are attention sinks. */
  readonly marks: readonly { readonly name: string; readonly norm: number }[]
}

/** Norms from left to right, positions from the first down; the colour is the share among the group's rows. */
export function normHistogramOption({ histogram, marks }: NormHistogramData, colors: ChartColors) {
  const [first, last] = spanOf(histogram)
  const columns = last - first + 1
  const totals = histogram.map((row) => row.reduce((sum, count) => sum + count, 0))
  const share = (group: number, bin: number) =>
    (histogram[group]?.[bin] ?? 0) / Math.max(1, totals[group] ?? 0)
  const data = histogram.flatMap((row, group) =>
    row.flatMap((count, bin): [number, number, number][] =>
      count === 0 ? [] : [[bin - first, group, share(group, bin)]],
    ),
  )
  const text = smallText(colors)
  return {
    animation: false,
    tooltip: {
      ...tooltipBox(colors),
      formatter: ({ data }: { readonly data: unknown }) => {
        if (!Array.isArray(data)) return ''
        const [column, group] = data as [number, number]
        const bin = column + first
        const count = (histogram[group]?.[bin] ?? 0).toLocaleString('en-US')
        const percent = (100 * share(group, bin)).toPrecision(3)
        return `position ${groupName(group)} · norm ${rangeWords(bin)} · ${count} rows, ${Number(percent)} % of these positions`
      },
    },
    grid: { left: LEFT, right: 16, top: TOP, bottom: BOTTOM },
    xAxis: [
      {
        type: 'category' as const,
        show: false,
        data: Array.from({ length: columns }, (_, column) => column),
      },
      {
        // cells stand in columns, norms at the edges between them and anywhere within
        type: 'value' as const,
        position: 'bottom' as const,
        min: 0,
        max: columns,
        minInterval: 1,
        name: 'norm',
        nameLocation: 'middle' as const,
        nameGap: 26,
        nameTextStyle: text,
        axisLabel: {
          ...text,
          hideOverlap: true,
          formatter: (column: number) => formatNumber(binStart(column + first)),
        },
        axisTick: { show: true, lineStyle: { color: colors.line } },
        axisLine: { show: true, lineStyle: { color: colors.line } },
        splitLine: { show: false },
      },
    ] as const,
    yAxis: {
      type: 'category' as const,
      inverse: true,
      data: histogram.map((_row, group) => `position ${groupName(group)}`),
      axisLabel: { ...text, interval: 0 },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    visualMap: {
      show: false,
      min: 0,
      max: Math.max(...data.map(([, , value]) => value), Number.MIN_VALUE),
      dimension: 2,
      seriesIndex: 0,
      inRange: { color: [colors.line, colors.series[0] ?? colors.ink] },
    },
    series: [
      {
        type: 'heatmap' as const,
        data,
        itemStyle: { borderColor: colors.panel, borderWidth: 1 },
        emphasis: { itemStyle: { borderColor: colors.ink, borderWidth: 1 } },
      },
      {
        // no points of its own: what the marks stand on
        type: 'line' as const,
        xAxisIndex: 1,
        data: [],
        markLine: {
          symbol: 'none',
          silent: true,
          animation: false,
          lineStyle: { color: colors.series[2] ?? colors.ink, type: 'dashed' as const, width: 1 },
          label: { ...text, formatter: '{b}', position: 'start' as const, distance: 4 },
          data: marks
            .map(({ name, norm }) => ({ name, xAxis: binPlace(norm) - first }))
            .filter(({ xAxis }) => xAxis >= 0 && xAxis <= columns),
        },
      },
    ] as const,
  }
}

/** The first and last bin with any row, and one more on either side where there is one. */
function spanOf(histogram: readonly (readonly number[])[]): [number, number] {
  const used = histogram.flatMap((row) => row.flatMap((count, bin) => (count > 0 ? [bin] : [])))
  if (used.length === 0) return [0, 0]
  const [least, most] = used.reduce(
    ([low, high], bin) => [Math.min(low, bin), Math.max(high, bin)],
    [normBins.count, 0],
  )
  return [Math.max(0, least - 1), Math.min(normBins.count - 1, most + 1)]
}

function rangeWords(bin: number): string {
  if (bin === 0) return `below ${formatNumber(binStart(1))}`
  if (bin === normBins.count - 1) return `from ${formatNumber(binStart(bin))}`
  return `${formatNumber(binStart(bin))} to ${formatNumber(binStart(bin + 1))}`
}
