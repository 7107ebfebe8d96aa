// ECharts options for the norms of a residual stream: a map of layers by tokens, as pure data.
import type { Analysis } from '../generation.ts'
import { shown } from '../token-spelling.ts'
import { formatNumber } from '../units.ts'
import { type ChartColors, escaped, smallText, tooltipBox } from './chart-style.ts'

// pixels
const ROW_HEIGHT = 16
const MOST_HEIGHT = 420
const TOP = 8
const BOTTOM = 64
const LEFT = 92

/** Pixels a map of so many layers needs. */
export function normHeight(layers: number): number {
  return Math.min(MOST_HEIGHT, Math.max(6, layers + 1) * ROW_HEIGHT) + TOP + BOTTOM
}

/**
 * Tokens from left to right, layers from the embedding up. The colour is the logarithm of the norm: the first token's is
 * often a hundred times that of the others.
 */
export function normOption({ tokens, layers, norms }: Analysis, colors: ChartColors) {
  const rows = layers + 1
  const logs = Array.from(norms, (norm) => Math.log10(Math.max(norm, Number.MIN_VALUE)))
  const text = smallText(colors)
  const at = (layer: number, token: number) => norms[layer * tokens.length + token] ?? 0
  return {
    animation: false,
    tooltip: {
      ...tooltipBox(colors),
      formatter: ({ data }: { readonly data: readonly [number, number, number] }) => {
        const [token, layer] = data
        return `${escaped(shown(tokens[token]?.text ?? ''))} · ${layerName(layer)} · ${formatNumber(at(layer, token))}`
      },
    },
    grid: { left: LEFT, right: 12, top: TOP, bottom: BOTTOM },
    xAxis: {
      type: 'category' as const,
      data: tokens.map((token) => shown(token.text)),
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colors.line } },
    },
    yAxis: {
      type: 'category' as const,
      data: Array.from({ length: rows }, (_, layer) => layerName(layer)),
      axisLabel: { ...text, hideOverlap: true },
      axisTick: { show: false },
      axisLine: { show: false },
    },
    visualMap: {
      min: Math.min(...logs),
      max: Math.max(...logs),
      calculable: true,
      orient: 'horizontal' as const,
      left: LEFT,
      bottom: 0,
      itemHeight: 120,
      itemWidth: 10,
      textStyle: text,
      formatter: (value: unknown) => formatNumber(10 ** Number(value)),
      inRange: { color: [colors.line, colors.series[0] ?? colors.ink] },
    },
    series: [
      {
        type: 'heatmap' as const,
        data: logs.map((log, index): [number, number, number] => [
          index % tokens.length,
          Math.floor(index / tokens.length),
          log,
        ]),
        emphasis: { itemStyle: { borderColor: colors.ink, borderWidth: 1 } },
      },
    ],
  }
}

/** "embedding", "block 0" and so on: where the stream was measured. */
function layerName(layer: number): string {
  return layer === 0 ? 'embedding' : `after block ${layer - 1}`
}
