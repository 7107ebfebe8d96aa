// ECharts options for the map of all features: how often each fires against its maximum, by flag, as pure data.
// Letters: F features.
import { featureFlags, flagTitles, hasFlag } from '../feature-flags.ts'
import type { FeatureTable } from '../features.ts'
import { formatNumber } from '../units.ts'
import { type ChartColors, smallText, tooltipBox } from './chart-style.ts'

/** The features of one colour and shape: those with a flag, but for those with an earlier one; and those without any. */
interface MapGroup {
  readonly name: string
  readonly features: Uint32Array
  /** log₁₀ of the density and the maximum, in turn. */
  readonly points: Float32Array
}

/** Dead ones have no place: they have no density. The largest group first, so that the others lie on it. */
export function mapGroups({ features, density, max, flags }: FeatureTable): MapGroup[] {
  const names = [...featureFlags.map((flag) => flagTitles[flag]), 'No flag']
  const members = names.map((): number[] => [])
  for (let feature = 0; feature < features; feature++) {
    if (!(density[feature]! > 0)) continue
    const first = featureFlags.findIndex((flag) => hasFlag(flags[feature]!, flag))
    members[first < 0 ? names.length - 1 : first]!.push(feature)
  }
  return names
    .map((name, at) => ({
      name,
      features: Uint32Array.from(members[at]!),
      points: Float32Array.from({ length: 2 * members[at]!.length }, (_, place) => {
        const feature = members[at]![place >> 1]!
        return place % 2 === 0 ? Math.log10(density[feature]!) : max[feature]!
      }),
    }))
    .filter((group) => group.features.length > 0)
    .sort((a, b) => b.features.length - a.features.length)
}

/** By name, so that a group keeps its look whatever else there is. */
const shapes: Readonly<Record<string, 'circle' | 'rect' | 'triangle' | 'diamond'>> = {
  [flagTitles.dense]: 'rect',
  [flagTitles.sink]: 'triangle',
  [flagTitles.punctuation]: 'diamond',
  [flagTitles.scaffold]: 'rect',
  [flagTitles['single-token']]: 'triangle',
  [flagTitles['language-specific']]: 'diamond',
  [flagTitles['language-independent']]: 'circle',
}

export function featureMapOption(groups: readonly MapGroup[], colors: ChartColors) {
  const text = smallText(colors)
  const titles = featureFlags.map((flag) => flagTitles[flag])
  const colorOf = (name: string) => {
    const at = titles.indexOf(name)
    return at < 0 ? colors.limit : colors.series[at % colors.series.length]!
  }
  return {
    animation: false,
    legend: {
      top: 0,
      left: 0,
      itemGap: 12,
      itemWidth: 9,
      itemHeight: 9,
      textStyle: { ...text, color: colors.ink },
      inactiveColor: colors.line,
      data: groups.map(({ name }) => ({ name })),
    },
    grid: { left: 52, right: 14, top: 46, bottom: 38 },
    tooltip: {
      ...tooltipBox(colors),
      formatter: (given: unknown) => {
        const { seriesIndex = 0, dataIndex = 0 } = given as { seriesIndex?: number; dataIndex?: number }
        const group = groups[seriesIndex]
        if (!group) return ''
        const [log, max] = group.points.subarray(2 * dataIndex)
        return `feature ${group.features[dataIndex]} · density ${percentOf(log ?? 0)} · max ${formatNumber(max ?? 0)}`
      },
    },
    xAxis: {
      type: 'value' as const,
      scale: true,
      name: 'density',
      nameLocation: 'middle' as const,
      nameGap: 24,
      nameTextStyle: text,
      minInterval: 1,
      axisLabel: { ...text, formatter: (log: number) => (Number.isInteger(log) ? percentOf(log) : '') },
      splitLine: { lineStyle: { color: colors.line } },
      // the other axis is where its values begin, not at a density of one
      axisLine: { onZero: false, lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: 'value' as const,
      name: 'maximum',
      nameLocation: 'middle' as const,
      nameGap: 34,
      nameTextStyle: text,
      axisLabel: text,
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: colors.line } },
    },
    series: groups.map(({ name, points }) => ({
      type: 'scatter' as const,
      name,
      data: points,
      dimensions: ['density', 'max'],
      symbol: shapes[name] ?? ('circle' as const),
      symbolSize: name in shapes ? 6 : 4,
      itemStyle: { color: colorOf(name), opacity: 0.7 },
      large: true,
      largeThreshold: 2_000,
      // all at once: what is drawn a piece a frame begins anew with each hover
      progressive: 0,
    })),
  }
}

/** Of the logarithm of a share: "0.01 %". */
function percentOf(log: number): string {
  return `${Number((100 * 10 ** log).toPrecision(2))} %`
}
