// ECharts options for a sweep: what grows with the strength, a panel each, with the sweet spot through all of them.
import type { SweepPoint } from '../steering-effect.ts'
import { formatNumber } from '../units.ts'
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'

export interface SweepChart {
  /** In any order. */
  readonly points: readonly SweepPoint[]
  readonly sweetSpot: number | null
  /** The strength of the slider. */
  readonly strength: number
  /** Names of the pinned features, in the order of the points' activations. */
  readonly pinned: readonly string[]
}

interface SweepLine {
  readonly name: string
  readonly values: readonly number[]
}

interface SweepPanel {
  readonly title: string
  readonly lines: readonly SweepLine[]
  readonly share?: boolean
  /** On a logarithmic axis. */
  readonly log?: boolean
}

// pixels
const TITLE = 34
const PANEL = 110
const AXIS = 26
const ROW = TITLE + PANEL + AXIS
const LEFT = 48
const RIGHT = 18
/** From this width on panels stand in one row of four. */
const WIDE = 900
/** Dashes of lines that share a panel. */
const dashes = ['solid', 'dashed', 'dotted'] as const

function columnsAt(width: number): number {
  return width >= WIDE ? 4 : 2
}

/** Pixels that all panels need at `width` pixels. */
export function sweepHeight(width: number): number {
  return Math.ceil(4 / columnsAt(width)) * ROW
}

export function sweepPanels({ points, pinned }: Pick<SweepChart, 'points' | 'pinned'>): SweepPanel[] {
  const of = (name: string, value: (point: SweepPoint) => number): SweepLine => ({
    name,
    values: points.map(value),
  })
  return [
    { title: 'KL to the baseline, nats a token', lines: [of('KL', ({ kl }) => kl)] },
    {
      title: 'Perplexity, unsteered model',
      log: true,
      lines: [of('perplexity', ({ perplexity }) => perplexity)],
    },
    {
      title: 'Words said before, ┄ four in a row',
      share: true,
      lines: [
        of('words said before', ({ distinct }) => 1 - distinct),
        of('four words again', ({ repeated }) => repeated),
      ],
    },
    {
      title: 'Activation',
      lines: pinned.map((name, at) => of(name, ({ activations }) => activations[at] ?? 0)),
    },
  ]
}

export function sweepOption(chart: SweepChart, colors: ChartColors, width: number) {
  const points = chart.points.toSorted((a, b) => a.strength - b.strength)
  const strengths = points.map(({ strength }) => strength)
  const panels = sweepPanels({ ...chart, points })
  const columns = columnsAt(width)
  const columnWidth = width / columns
  const top = (at: number) => Math.floor(at / columns) * ROW
  const left = (at: number) => (at % columns) * columnWidth
  const text = smallText(colors)
  return {
    animation: false,
    axisPointer: { link: [{ xAxisIndex: 'all' as const }], lineStyle: { color: colors.text } },
    tooltip: {
      trigger: 'axis' as const,
      ...tooltipBox(colors),
    },
    title: panels.map(({ title }, at) => ({
      text: title,
      top: top(at) + 2,
      left: left(at),
      padding: 0,
      // of its panel's width at most
      textStyle: {
        ...text,
        fontWeight: 600 as const,
        width: columnWidth - RIGHT,
        overflow: 'truncate' as const,
      },
    })),
    grid: panels.map((_, at) => ({
      top: top(at) + TITLE,
      height: PANEL,
      left: left(at) + LEFT,
      width: columnWidth - LEFT - RIGHT,
    })),
    xAxis: panels.map((_, at) => ({
      type: 'value' as const,
      gridIndex: at,
      min: Math.min(...strengths),
      max: Math.max(...strengths),
      axisLabel: { ...text, hideOverlap: true, formatter: signed },
      axisLine: { lineStyle: { color: colors.line }, onZero: false },
      axisPointer: { label: { formatter: ({ value }: { value: number }) => `strength ${signed(value)}` } },
      splitLine: { show: false },
    })),
    yAxis: panels.map(({ share, log }, at) => ({
      type: log ? ('log' as const) : ('value' as const),
      gridIndex: at,
      // texts have a perplexity of at least 1
      min: log ? 1 : 0,
      ...(share && { max: 1 }),
      axisLine: { show: false },
      axisTick: { show: false },
      splitNumber: 2,
      axisLabel: {
        ...text,
        formatter: (value: number) => (share ? `${Math.round(100 * value)} %` : formatNumber(value)),
      },
      splitLine: { lineStyle: { color: colors.line } },
    })),
    series: panels.flatMap(({ lines, share }, at) =>
      lines.map(({ name, values }, place) => ({
        type: 'line' as const,
        name,
        xAxisIndex: at,
        yAxisIndex: at,
        symbol: 'circle',
        symbolSize: 5,
        color: colors.series[place % colors.series.length]!,
        lineStyle: { width: 1.5, type: dashes[place % dashes.length]! },
        data: values.map((value, point): [number, number] => [strengths[point]!, value]),
        tooltip: {
          valueFormatter: (value: unknown) =>
            typeof value === 'number' ? (share ? `${(100 * value).toFixed(1)} %` : formatNumber(value)) : '–',
        },
        // once a panel
        ...(place === 0 && { markLine: marksOf(chart, colors, at === 0) }),
      })),
    ),
  }
}

/** Where the slider stands, and the sweet spot, which is named in the first panel. */
function marksOf({ sweetSpot, strength }: SweepChart, colors: ChartColors, named: boolean) {
  const line = (at: number, name: string, type: 'solid' | 'dashed') => ({
    xAxis: at,
    lineStyle: { color: colors.ink, width: 1, type },
    label: { show: named, formatter: name, color: colors.text, fontSize: 10, fontFamily: colors.fontFamily },
  })
  return {
    symbol: 'none',
    silent: true,
    data: [
      ...(sweetSpot === null ? [] : [line(sweetSpot, 'sweet spot', 'solid')]),
      ...(strength === sweetSpot ? [] : [line(strength, '', 'dashed')]),
    ],
  }
}

/** "+0.5", "−2", "0". */
function signed(value: number): string {
  const text = String(Math.abs(Number(value.toPrecision(3))))
  return value === 0 ? '0' : `${value < 0 ? '−' : '+'}${text}`
}
