// ECharts options for the curves of training: one panel for each thing that is watched, as pure data.
import type { TrainingCurves, TrainingSeries } from '../saes.ts'
import type { ChartColors } from './panel-option.ts'

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

export interface PanelView {
  readonly log: boolean
  /** 0: as it is; towards 1: a running mean over ever more steps. */
  readonly smoothing: number
}

export function trainingOption(
  panel: Panel,
  { series }: TrainingCurves,
  view: PanelView,
  colors: ChartColors,
) {
  const text = { color: colors.text, fontSize: 11, fontFamily: colors.fontFamily }
  const shown = (value: number) =>
    panel.share
      ? `${Number((value * 100).toPrecision(3))} %`
      : Number(value.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 })
  return {
    animation: false,
    color: [...colors.series],
    grid: { left: 56, right: 12, top: 26, bottom: 24 },
    legend: { top: 0, right: 0, itemWidth: 12, itemHeight: 2, icon: 'rect', textStyle: text },
    tooltip: {
      trigger: 'axis' as const,
      confine: true,
      backgroundColor: colors.panel,
      borderColor: colors.line,
      textStyle: { color: colors.ink, fontSize: 12, fontFamily: colors.fontFamily },
      valueFormatter: (value: unknown) => (typeof value === 'number' ? shown(value) : ''),
    },
    dataZoom: [{ type: 'inside' as const, filterMode: 'none' as const }],
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
      axisLabel: { ...text, formatter: (value: number) => shown(value) },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: panel.series.flatMap(({ name, of }) => {
      const curve = series[of]
      if (!curve) return []
      const smooth = of.startsWith('validation.') ? 0 : view.smoothing
      return [
        {
          type: 'line' as const,
          name,
          symbol: of.startsWith('validation.') ? 'circle' : 'none',
          symbolSize: 4,
          lineStyle: { width: 1.5 },
          data: smoothed(curve.value, smooth).map((value, place): [number, number | null] => [
            curve.step[place]!,
            view.log && value <= 0 ? null : value,
          ]),
        },
      ]
    }),
  }
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
export function densityOption(densities: readonly number[], colors: ChartColors) {
  const text = { color: colors.text, fontSize: 11, fontFamily: colors.fontFamily }
  return {
    animation: false,
    color: [...colors.series],
    grid: { left: 56, right: 12, top: 10, bottom: 24 },
    tooltip: {
      trigger: 'axis' as const,
      confine: true,
      backgroundColor: colors.panel,
      borderColor: colors.line,
      textStyle: { color: colors.ink, fontSize: 12, fontFamily: colors.fontFamily },
    },
    xAxis: {
      type: 'category' as const,
      data: densities.map((_, bin) => (bin === 0 ? 'never' : `10^${(-8 + (bin - 1) / 4).toFixed(2)}`)),
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: { type: 'value' as const, axisLabel: text, splitLine: { lineStyle: { color: colors.line } } },
    series: [{ type: 'bar' as const, name: 'features', data: [...densities], barCategoryGap: '10%' }],
  }
}
