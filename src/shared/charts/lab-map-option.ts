// ECharts options for the features of two sides of a run of the prompt lab: mean of one against mean of the other, as pure data.
import { activationWords } from '../heat.ts'
import { type LabMeasure, type LabRun, relations, relationWords } from '../prompt-lab.ts'
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'

interface LabGroup {
  readonly name: string
  /** Places among the features that fired. */
  readonly places: readonly number[]
}

/** By relation for a parallel set, else all in one. */
export function labGroups(run: LabRun): LabGroup[] {
  const all = Array.from(run.features, (_, at) => at)
  if (!run.relation) return [{ name: 'features', places: all }]
  return relations
    .map((relation, number) => ({
      name: relationWords(run, relation),
      places: all.filter((at) => run.relation?.[at] === number),
    }))
    .filter(({ places }) => places.length > 0)
}

const shapes = ['circle', 'diamond', 'rect', 'triangle'] as const

/** `names` is what the axes are called. */
export function labMapOption(
  run: LabRun,
  measure: LabMeasure,
  names: readonly [string, string],
  colors: ChartColors,
) {
  const text = smallText(colors)
  const groups = labGroups(run)
  const [a, b] = run.measures[measure].means
  const floor = floorOf([a ?? [], b ?? []])
  const shown = (value: number | undefined) => Math.max(floor, value ?? 0)
  const axis = {
    type: 'log' as const,
    min: floor,
    nameLocation: 'middle' as const,
    nameTextStyle: text,
    axisLabel: {
      ...text,
      formatter: (value: number) => (value <= floor ? `≤ ${activationWords(value)}` : activationWords(value)),
    },
    axisLine: { lineStyle: { color: colors.line } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: colors.line } },
  }
  return {
    animation: false,
    legend: {
      show: groups.length > 1,
      ...{ top: 0, left: 0, itemGap: 12, itemWidth: 9, itemHeight: 9 },
      textStyle: { ...text, color: colors.ink },
      inactiveColor: colors.line,
      data: groups.map(({ name }) => ({ name })),
    },
    grid: { left: 52, right: 14, top: groups.length > 1 ? 46 : 12, bottom: 38 },
    tooltip: {
      ...tooltipBox(colors),
      formatter: (given: unknown) => {
        const { seriesIndex = 0, dataIndex = 0 } = given as { seriesIndex?: number; dataIndex?: number }
        const at = groups[seriesIndex]?.places[dataIndex]
        if (at === undefined) return ''
        return `feature ${run.features[at]} · ${activationWords(a?.[at] ?? 0)} · ${activationWords(b?.[at] ?? 0)}`
      },
    },
    xAxis: { ...axis, name: names[0], nameGap: 24 },
    yAxis: { ...axis, name: names[1], nameGap: 36 },
    series: groups.map(({ name, places }, at) => ({
      type: 'scatter' as const,
      name,
      data: places.map((place) => [shown(a?.[place]), shown(b?.[place])]),
      symbol: shapes[at % shapes.length],
      symbolSize: groups.length > 1 && at === 0 ? 4 : 6,
      itemStyle: {
        color: groups.length > 1 && at === 0 ? colors.limit : colors.series[at % colors.series.length]!,
        opacity: 0.75,
      },
      large: places.length > 2_000,
      progressive: 0,
    })),
  }
}

/** Powers of ten below the greatest mean that are told apart. */
const DECADES = 4

/** A power of ten; what is weaker, or never fires, lies on it. */
function floorOf(means: readonly ArrayLike<number>[]): number {
  let most = 0
  for (const side of means) for (const mean of Array.from(side)) most = Math.max(most, mean)
  return 10 ** (Math.ceil(Math.log10(most > 0 ? most : 1)) - DECADES)
}
