// ECharts options for panels of lines: pure data, so that it can be tested and drawn on page and host alike.
import { formatBytes } from '../units.ts'
import type { Panel } from './resources.ts'

export interface ChartColors {
  readonly text: string
  readonly line: string
  readonly panel: string
  readonly ink: string
  /** One a line, in order. */
  readonly series: readonly string[]
}

const PANEL_HEIGHT = 76
const TITLE_HEIGHT = 38
const BOTTOM = 24

/** Pixels a chart of so many panels needs. */
export function chartHeight(panels: number): number {
  return panels * (PANEL_HEIGHT + TITLE_HEIGHT) + BOTTOM
}

export function panelOption(panels: readonly Panel[], colors: ChartColors) {
  const top = (index: number) => index * (PANEL_HEIGHT + TITLE_HEIGHT)
  const text = { color: colors.text, fontSize: 11 }
  const last = panels.length - 1
  return {
    animation: false,
    axisPointer: { link: [{ xAxisIndex: 'all' as const }], lineStyle: { color: colors.text } },
    tooltip: {
      trigger: 'axis' as const,
      backgroundColor: colors.panel,
      borderColor: colors.line,
      textStyle: { color: colors.ink, fontSize: 12 },
    },
    dataZoom: [{ type: 'inside' as const, xAxisIndex: panels.map((_panel, index) => index) }],
    title: panels.map((panel, index) => ({
      // the title carries the legend: a dot in the colour of each line
      text: [
        `{title|${panel.title}}`,
        ...(panel.lines.length > 1 ? panel.lines.map((line, place) => `{dot${place}|●} ${line.name}`) : []),
      ].join('   '),
      top: top(index),
      left: 0,
      padding: 0,
      textStyle: {
        ...text,
        fontWeight: 400 as const,
        rich: {
          title: { ...text, fontWeight: 600 as const },
          ...Object.fromEntries(
            panel.lines.map((_line, place) => [`dot${place}`, { color: seriesColor(colors, place) }]),
          ),
        },
      },
    })),
    grid: panels.map((_panel, index) => ({
      top: top(index) + TITLE_HEIGHT - 14,
      height: PANEL_HEIGHT,
      left: 72,
      right: 12,
    })),
    xAxis: panels.map((_panel, index) => ({
      type: 'time' as const,
      gridIndex: index,
      axisLabel: { ...text, show: index === last, hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } },
      axisTick: { show: false },
      splitLine: { show: false },
    })),
    yAxis: panels.map((panel, index) => ({
      type: 'value' as const,
      gridIndex: index,
      min: 0,
      splitNumber: 2,
      axisLabel: { ...text, formatter: (value: number) => formatValue(value, panel.unit) },
      splitLine: { lineStyle: { color: colors.line } },
    })),
    series: panels.flatMap((panel, index) =>
      panel.lines.map((line, place) => ({
        type: 'line' as const,
        name: `${panel.title}, ${line.name}`,
        xAxisIndex: index,
        yAxisIndex: index,
        showSymbol: line.points.length < 3,
        symbolSize: 4,
        data: line.points.map(([at, value]) => [at, Number.isNaN(value) ? null : value]),
        color: seriesColor(colors, place),
        lineStyle: {
          width: 1.5,
          type: line.name === 'all there is' ? ('dashed' as const) : ('solid' as const),
        },
        tooltip: { valueFormatter: (value: unknown) => formatValue(Number(value), panel.unit) },
      })),
    ),
  }
}

function seriesColor(colors: ChartColors, place: number): string {
  return colors.series[place % colors.series.length] ?? colors.ink
}

function formatValue(value: number, unit: Panel['unit']): string {
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'bytes/s') return `${formatBytes(value)}/s`
  return `${Number(value.toPrecision(3))} ${unit}`
}
