// ECharts options for one histogram: amounts by bin of a value, as pure data.
import { formatNumber } from '../units.ts'
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'

export interface HistogramData {
  readonly counts: ArrayLike<number>
  /** The value where the first bin begins, and where the last one ends. */
  readonly from: number
  readonly to: number
  /** What is counted: "tokens". */
  readonly unit: string
  /** Amounts on a logarithmic axis: most features fire weakly far more often than strongly. */
  readonly log: boolean
}

export function histogramOption({ counts, from, to, unit, log }: HistogramData, colors: ChartColors) {
  const text = smallText(colors)
  const bins = counts.length
  const edge = (bin: number) => from + ((to - from) * bin) / bins
  const all = Array.from(counts)
  return {
    animation: false,
    tooltip: {
      trigger: 'axis' as const,
      ...tooltipBox(colors),
      formatter: (given: unknown) => {
        const bin = (given as { readonly dataIndex?: number }[])[0]?.dataIndex ?? 0
        return `${formatNumber(edge(bin))} to ${formatNumber(edge(bin + 1))}: ${(all[bin] ?? 0).toLocaleString('en-US')} ${unit}`
      },
    },
    grid: { left: 40, right: 8, top: 8, bottom: 22 },
    xAxis: {
      type: 'category' as const,
      data: all.map((_, bin) => formatNumber(edge(bin))),
      axisLabel: { ...text, hideOverlap: true, interval: Math.max(0, Math.floor(bins / 4) - 1) },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: log ? ('log' as const) : ('value' as const),
      splitNumber: 2,
      axisLabel: { ...text, hideOverlap: true, formatter: shortCount },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: [
      {
        type: 'bar' as const,
        // nothing is no place on a logarithmic axis
        data: all.map((count) => (count > 0 || !log ? count : null)),
        barCategoryGap: '12%',
        itemStyle: { color: colors.limit },
        emphasis: { itemStyle: { color: colors.series[0] ?? colors.ink } },
      },
    ],
  }
}

/** "1", "10", "1k", "1M". */
function shortCount(count: number): string {
  if (count >= 1e6) return `${Number((count / 1e6).toPrecision(2))}M`
  return count >= 1e3 ? `${Number((count / 1e3).toPrecision(2))}k` : String(Number(count.toPrecision(2)))
}
