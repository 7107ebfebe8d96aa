// ECharts options for what a job used, a panel each: pure data, so that it can be tested without drawing.
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'
import { formatValue, type Line, lineKey, type Panel } from './resources.ts'

// pixels
const PANEL_HEIGHT = 84
const TITLE_HEIGHT = 22
/** Under each row, for the times of its axis. */
const AXIS_HEIGHT = 30
const ROW_HEIGHT = TITLE_HEIGHT + PANEL_HEIGHT + AXIS_HEIGHT
/** Left of each panel, for the values of its axis. */
const VALUE_WIDTH = 64
const RIGHT = 28
/** From this width on panels stand in two columns. */
const TWO_COLUMNS = 820
/** Milliseconds an axis shows at least: a job that died young has one sample, which alone would span two days. */
const SHORTEST = 5_000

function columnsAt(width: number): number {
  return width >= TWO_COLUMNS ? 2 : 1
}

/** Pixels a chart of so many panels needs at `width` pixels. */
export function chartHeight(panels: number, width: number): number {
  return Math.ceil(panels / columnsAt(width)) * ROW_HEIGHT
}

/** One grid a panel, side by side where `width` (pixels) allows it, with one cross-hair through all of them. */
export function resourceOption(panels: readonly Panel[], colors: ChartColors, width: number) {
  const columns = columnsAt(width)
  const columnWidth = width / columns
  const top = (index: number) => Math.floor(index / columns) * ROW_HEIGHT
  const left = (index: number) => (index % columns) * columnWidth
  const span = spanOf(panels)
  const text = smallText(colors)
  return {
    animation: false,
    axisPointer: { link: [{ xAxisIndex: 'all' as const }], lineStyle: { color: colors.text } },
    tooltip: {
      trigger: 'axis' as const,
      ...tooltipBox(colors),
    },
    dataZoom: [{ type: 'inside' as const, xAxisIndex: panels.map((_panel, index) => index) }],
    title: panels.map((panel, index) => ({
      text: titleText(panel),
      top: top(index) + 2,
      left: left(index),
      padding: 0,
      textStyle: { ...text, fontWeight: 400 as const, rich: titleStyles(panel, colors, text) },
    })),
    grid: panels.map((_panel, index) => ({
      top: top(index) + TITLE_HEIGHT,
      height: PANEL_HEIGHT,
      left: left(index) + VALUE_WIDTH,
      width: columnWidth - VALUE_WIDTH - RIGHT,
    })),
    xAxis: panels.map((_panel, index) => ({
      type: 'time' as const,
      ...span,
      gridIndex: index,
      axisLabel: { ...text, hideOverlap: true },
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
        name: lineKey(panel, line),
        xAxisIndex: index,
        yAxisIndex: index,
        showSymbol: line.points.length < 3,
        symbolSize: 4,
        sampling: 'lttb' as const,
        data: line.points.map(([at, value]) => [at, Number.isNaN(value) ? null : value]),
        color: colorOf(line, place, colors),
        lineStyle: {
          width: line.limit ? 1 : 1.5,
          type: line.limit ? ('dashed' as const) : ('solid' as const),
        },
        tooltip: { valueFormatter: (value: unknown) => tooltipValue(value, panel.unit) },
      })),
    ),
  }
}

/** The time all panels share, so that one cross-hair stands at one time; nothing while there are no points. */
function spanOf(panels: readonly Panel[]): { min?: number; max?: number } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (const { lines } of panels) {
    for (const { points } of lines) {
      min = Math.min(min, points[0]?.[0] ?? min)
      max = Math.max(max, points.at(-1)?.[0] ?? max)
    }
  }
  if (min > max) return {}
  const lacking = Math.max(0, SHORTEST - (max - min)) / 2
  return { min: min - lacking, max: max + lacking }
}

/** The title carries the legend: a mark in the colour of each line, broken for a limit. */
function titleText({ title, lines }: Panel): string {
  const marks = lines.map((line, place) => `{mark${place}|${line.limit ? '╌' : '━'}} ${line.name}`)
  return [`{title|${title}}`, ...(lines.length > 1 ? marks : [])].join('   ')
}

function titleStyles(panel: Panel, colors: ChartColors, text: object): Record<string, object> {
  const marks = panel.lines.map((line, place): [string, object] => [
    `mark${place}`,
    { color: colorOf(line, place, colors) },
  ])
  return { title: { ...text, fontWeight: 600 as const }, ...Object.fromEntries(marks) }
}

function colorOf(line: Line, place: number, colors: ChartColors): string {
  if (line.limit) return colors.limit
  return colors.series[place % colors.series.length] ?? colors.ink
}

/** A gap has no value. */
function tooltipValue(value: unknown, unit: Panel['unit']): string {
  return typeof value === 'number' ? formatValue(value, unit) : '–'
}
