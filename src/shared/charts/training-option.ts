// ECharts options for the curves of training: one panel for each thing that is watched, of one run or of several.
import type { TrainingCurves, TrainingSeries } from '../saes.ts'
import { formatNumber } from '../units.ts'
import { type ChartColors, escaped, smallText, tooltipBox } from './chart-style.ts'

export interface Panel {
  readonly title: string
  readonly series: readonly { readonly name: string; readonly of: TrainingSeries }[]
  /** Values are shares, shown as percentages. */
  readonly share?: boolean
}

/** In the order they are read. */
export const trainingPanels: readonly Panel[] = [
  {
    title: 'Unexplained variance',
    share: true,
    series: [
      { name: 'training', of: 'fvu' },
      { name: 'validation', of: 'validation.fvu' },
    ],
  },
  {
    title: 'L0',
    series: [
      { name: 'training', of: 'l0' },
      { name: 'validation', of: 'validation.l0' },
    ],
  },
  {
    title: 'Dead features',
    share: true,
    series: [
      { name: 'training', of: 'dead' },
      { name: 'validation', of: 'validation.dead' },
    ],
  },
  {
    title: 'Loss',
    series: [
      { name: 'loss', of: 'loss' },
      { name: 'reconstruction', of: 'recon' },
      { name: 'sparsity', of: 'penalty' },
    ],
  },
  {
    title: 'Norm of reconstructions, of the rows’',
    share: true,
    series: [
      { name: 'training', of: 'shrinkage' },
      { name: 'validation', of: 'validation.shrinkage' },
    ],
  },
  { title: 'Norm of the gradient', series: [{ name: 'gradient', of: 'gradient' }] },
  { title: 'Learning rate', series: [{ name: 'rate', of: 'rate' }] },
  { title: 'Sparsity term, share of its weight', share: true, series: [{ name: 'warm-up', of: 'warm' }] },
  { title: 'Rows a second', series: [{ name: 'rows', of: 'rowsPerSecond' }] },
]

/** One training among those that are laid over each other. */
export interface DrawnRun {
  /** As the legend calls it. */
  readonly name: string
  readonly curves: TrainingCurves
}

export interface PanelView {
  readonly log: boolean
  /** 0: as it is; towards 1: a running mean over ever more steps. */
  readonly smoothing: number
}

/** Lines of a run that share its colour. */
const dashes = ['solid', 'dashed', 'dotted'] as const

/** Of one run the lines differ by colour; of several each has a colour, which the page explains, and they differ by dashes. */
export function trainingOption(
  panel: Panel,
  runs: readonly DrawnRun[],
  view: PanelView,
  colors: ChartColors,
) {
  const text = smallText(colors)
  const several = runs.length > 1
  const shown = (value: number) =>
    panel.share ? `${Number((value * 100).toPrecision(3))} %` : formatNumber(value)
  const series = linesOf(panel, runs, view, colors)
  // the title says what a line alone is
  const legend = !several && panel.series.length > 1
  return {
    animation: false,
    color: [...colors.series],
    grid: { left: 56, right: 12, top: legend ? 26 : 12, bottom: 24 },
    legend: {
      ...{ show: legend, top: 0, right: 0, itemWidth: 12, itemHeight: 2, icon: 'rect', textStyle: text },
    },
    tooltip: {
      trigger: 'axis' as const,
      ...tooltipBox(colors),
      className: 'chart-tip',
      formatter: (points: TipPoint | readonly TipPoint[]) => {
        const [first] = [points].flat()
        return first ? tipOf(first.axisValue, series, shown) : ''
      },
    },
    // a wheel alone scrolls the page
    dataZoom: [{ type: 'inside' as const, filterMode: 'none' as const, zoomOnMouseWheel: 'shift' as const }],
    xAxis: {
      type: 'value' as const,
      min: 'dataMin' as const,
      max: 'dataMax' as const,
      axisLabel: { ...text, hideOverlap: true },
      axisLine: { lineStyle: { color: colors.line } },
      axisPointer: { label: { precision: 0 } },
      splitLine: { show: false },
    },
    yAxis: {
      type: view.log ? ('log' as const) : ('value' as const),
      scale: true,
      ...(!view.log && { min: apart('min'), max: apart('max') }),
      axisLabel: { ...text, hideOverlap: true, formatter: (value: number) => shown(value) },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series,
  }
}

function linesOf(panel: Panel, runs: readonly DrawnRun[], view: PanelView, colors: ChartColors) {
  const several = runs.length > 1
  return runs.flatMap(({ name: run, curves }, at) =>
    panel.series.flatMap(({ name, of }, line) => {
      const curve = curves.series[of]
      if (!curve) return []
      const smooth = exact(of) ? 0 : view.smoothing
      return [
        {
          type: 'line' as const,
          name: several ? `${run} ${name}` : name,
          symbol: of.startsWith('validation.') ? 'circle' : 'none',
          symbolSize: 4,
          color: colors.series[(several ? at : line) % colors.series.length]!,
          lineStyle: { width: 1.5, type: several ? dashes[line]! : dashes[0] },
          data: smoothed(curve.value, smooth).map((value, place): [number, number | null] => [
            curve.step[place]!,
            view.log && value <= 0 ? null : value,
          ]),
        },
      ]
    }),
  )
}

/** Measured on many rows, or set by a schedule: there is no noise to be smoothed. */
function exact(of: TrainingSeries): boolean {
  return of.startsWith('validation.') || of === 'rate' || of === 'warm'
}

interface TipPoint {
  readonly axisValue: number | string
}

type Line = ReturnType<typeof linesOf>[number]

/** Every line at the point of it that is nearest: curves are sent with points of their own. */
function tipOf(at: number | string, lines: readonly Line[], shown: (value: number) => string): string {
  const step = Number(at)
  const rows = lines.flatMap(({ name, color, data }) => {
    const nearest = nearestTo(step, data)
    if (nearest?.[1] == null) return []
    return `<span class="dot" style="background:${color}"></span><span>${escaped(name)}</span><b>${shown(nearest[1])}</b>`
  })
  return `step ${Math.round(step).toLocaleString('en-US')}<div class="rows">${rows.join('')}</div>`
}

/** Of points in ascending order. */
function nearestTo(
  step: number,
  points: readonly (readonly [number, number | null])[],
): readonly [number, number | null] | undefined {
  let [low, high] = [0, points.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (points[middle]![0] < step) low = middle + 1
    else high = middle
  }
  const [before, after] = [points[low - 1], points[low]]
  return before && after && step - before[0] < after[0] - step ? before : after
}

/** An end of an axis whose values are all but the same: a hundredth away, so that their labels differ. */
function apart(end: 'min' | 'max') {
  return (extent: { readonly min: number; readonly max: number }): number | undefined => {
    const size = Math.max(Math.abs(extent.min), Math.abs(extent.max))
    if (size === 0 || extent.max - extent.min > 0.02 * size) return undefined
    return extent[end] + (end === 'min' ? -0.02 : 0.02) * size
  }
}

/** Exponential running mean without the bias of its start. */
export function smoothed(values: ArrayLike<number>, share: number): number[] {
  let [mean, weight] = [0, 0]
  return Array.from(values, (value) => {
    mean = share * mean + (1 - share) * value
    weight = share * weight + (1 - share)
    return mean / weight
  })
}

/** How many features fire how often: log₁₀ of the density, those that never fired at the left. */
export function densityOption(runs: readonly DrawnRun[], colors: ChartColors) {
  const text = smallText(colors)
  const bins = Math.max(0, ...runs.map(({ curves }) => curves.densities?.length ?? 0))
  return {
    animation: false,
    color: [...colors.series],
    grid: { left: 56, right: 12, top: 10, bottom: 24 },
    tooltip: {
      trigger: 'axis' as const,
      ...tooltipBox(colors),
    },
    xAxis: {
      type: 'category' as const,
      data: Array.from({ length: bins }, (_, bin) =>
        bin === 0 ? 'never' : `10^${(-8 + (bin - 1) / 4).toFixed(2)}`,
      ),
      // whole powers of ten, every other one
      axisLabel: { ...text, interval: (bin: number) => bin === 0 || (bin - 1) % 8 === 4, formatter: powerOf },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: { type: 'value' as const, axisLabel: text, splitLine: { lineStyle: { color: colors.line } } },
    series: runs.flatMap(({ name, curves: { densities } }, at) =>
      densities
        ? [
            {
              type: 'bar' as const,
              name: runs.length > 1 ? name : 'features',
              color: colors.series[at % colors.series.length]!,
              data: [...densities],
              barCategoryGap: '10%',
            },
          ]
        : [],
    ),
  }
}

/** "10^-3.00" → "10⁻³". */
function powerOf(bin: string): string {
  const power = /^10\^-(\d)\.00$/.exec(bin)?.[1]
  return power === undefined ? bin : `10⁻${'⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(power)]}`
}
