// All features as points, drawn by ECharts: a rectangle drawn over some of them chooses them, a click opens one.
import { useComputedColorScheme } from '@mantine/core'
import { ScatterChart } from 'echarts/charts'
import { BrushComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useMemo, useRef } from 'react'
import { featureMapOption, mapGroups } from '../../shared/charts/feature-map-option.ts'
import type { FeatureTable } from '../../shared/features.ts'
import { pageColors } from '../ui/chart-colors.ts'

echarts.use([ScatterChart, BrushComponent, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

/** From and to: of densities, and of maxima. */
export type MapArea = readonly [readonly [number, number], readonly [number, number]]

interface FeatureMapChartProps {
  readonly table: FeatureTable
  /** Undefined once nothing is chosen any more. */
  onArea(area: MapArea | undefined): void
  onOpen(feature: number): void
}

export function FeatureMapChart({ table, onArea, onOpen }: FeatureMapChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()
  const groups = useMemo(() => mapGroups(table), [table])
  const listeners = useRef({ onArea, onOpen, groups })
  useEffect(() => {
    listeners.current = { onArea, onOpen, groups }
  })

  useEffect(() => {
    if (!box.current) return
    const made = echarts.init(box.current)
    chart.current = made
    made.on('brushEnd', (event) => {
      const [area] = (event as { readonly areas?: readonly { readonly coordRange?: unknown }[] }).areas ?? []
      listeners.current.onArea(areaOf(area?.coordRange))
    })
    made.on('click', ({ seriesIndex, dataIndex }) => {
      const feature = listeners.current.groups[seriesIndex ?? -1]?.features[dataIndex]
      if (feature !== undefined) listeners.current.onOpen(feature)
    })
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    chart.current?.setOption(featureMapOption(groups, pageColors()), { notMerge: true })
    // dragging draws a rectangle at once, without a button for it
    chart.current?.dispatchAction({
      type: 'takeGlobalCursor',
      key: 'brush',
      brushOption: { brushType: 'rect', brushMode: 'single' },
    })
  }, [groups, colorScheme])

  const drawn = groups.reduce((sum, { features }) => sum + features.length, 0)
  return (
    <div
      ref={box}
      className="feature-map"
      role="img"
      aria-label={`${drawn} features by density and maximum; the filters choose among them, too`}
    />
  )
}

/** The axis of densities has their logarithms. */
function areaOf(range: unknown): MapArea | undefined {
  if (!Array.isArray(range)) return undefined
  const [[low, high] = [0, 0], [weakest, strongest] = [0, 0]] = range as [number, number][]
  return [
    [10 ** low, 10 ** high],
    [weakest, strongest],
  ]
}
