// All features as points, drawn by ECharts: a rectangle drawn over some of them chooses them, a click opens one.
import { useComputedColorScheme } from '@mantine/core'
import { ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useMemo, useRef, useState } from 'react'
import { featureMapOption, mapGroups } from '../../shared/charts/feature-map-option.ts'
import type { FeatureTable } from '../../shared/features.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

/** From and to: of densities, and of maxima. */
export type MapArea = readonly [readonly [number, number], readonly [number, number]]

interface FeatureMapChartProps {
  readonly table: FeatureTable
  /** Part of it is chosen: what was drawn last is still in sight. */
  readonly chosen: boolean
  onArea(area: MapArea): void
  onOpen(feature: number): void
}

/** Pixels; corners that lie across from each other. */
interface Drawn {
  readonly from: readonly [number, number]
  readonly to: readonly [number, number]
}

/** Pixels a pointer may move in a click. */
const CLICK = 4
const GRID = { gridIndex: 0 }

export function FeatureMapChart({ table, chosen, onArea, onOpen }: FeatureMapChartProps) {
  const colorScheme = useComputedColorScheme()
  const groups = useMemo(() => mapGroups(table), [table])
  const [drawn, setDrawn] = useState<Drawn>()
  const drawing = useRef(false)
  const { box, chart } = useChart({
    onPoint: (series, point) => {
      const feature = groups[series ?? -1]?.features[point]
      if (feature !== undefined) onOpen(feature)
    },
    // it would lie over other points
    onResize: () => setDrawn(undefined),
  })

  useEffect(() => {
    chart.current?.setOption(featureMapOption(groups, pageColors()), { notMerge: true })
  }, [chart, groups, colorScheme])

  function begin(event: React.PointerEvent) {
    const from = placeIn(event)
    if (event.button !== 0 || chart.current?.containPixel(GRID, [...from]) !== true) return
    drawing.current = true
    setDrawn({ from, to: from })
  }
  function draw(event: React.PointerEvent) {
    if (!drawing.current || !drawn) return
    const { from } = drawn
    const to = placeIn(event)
    // once it is no click it goes on outside of the chart
    if (reach({ from, to }) >= CLICK) event.currentTarget.setPointerCapture(event.pointerId)
    setDrawn({ from, to })
  }
  function end() {
    const corners = drawn
    if (!drawing.current || !corners) return
    drawing.current = false
    if (reach(corners) < CLICK) return setDrawn(undefined)
    const area = areaOf(chart.current, corners)
    if (area) onArea(area)
  }
  const total = groups.reduce((sum, { features }) => sum + features.length, 0)
  return (
    <div
      className="feature-map"
      onPointerDown={begin}
      onPointerMove={draw}
      onPointerUp={end}
      onPointerCancel={end}
    >
      <div
        ref={box}
        role="img"
        aria-label={`${total} features by density and maximum; the filters choose among them, too`}
      />
      {drawn && (chosen || drawing.current) && <i className="drawn" style={rectangle(drawn)} />}
    </div>
  )
}

function placeIn(event: React.PointerEvent): readonly [number, number] {
  const { left, top } = event.currentTarget.getBoundingClientRect()
  return [event.clientX - left, event.clientY - top]
}

function reach({ from, to }: Drawn): number {
  return Math.max(Math.abs(from[0] - to[0]), Math.abs(from[1] - to[1]))
}

function rectangle({ from, to }: Drawn): React.CSSProperties {
  return {
    left: Math.min(from[0], to[0]),
    top: Math.min(from[1], to[1]),
    width: Math.abs(from[0] - to[0]),
    height: Math.abs(from[1] - to[1]),
  }
}

/** The axis of densities has their logarithms. */
function areaOf(chart: echarts.ECharts | null, { from, to }: Drawn): MapArea | undefined {
  const [a, b] = [from, to].map((corner) => chart?.convertFromPixel(GRID, [...corner]))
  if (!a || !b) return undefined
  const between = (one = 0, other = 0) => [Math.min(one, other), Math.max(one, other)] as const
  const [low, high] = between(a[0], b[0])
  return [[10 ** low, 10 ** high], between(a[1], b[1])]
}
