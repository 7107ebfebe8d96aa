// How long the residual stream of a harvest is at each position, drawn by ECharts.
import { useComputedColorScheme } from '@mantine/core'
import { HeatmapChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import {
  type NormHistogramData,
  normHistogramHeight,
  normHistogramOption,
} from '../../shared/charts/norm-histogram-option.ts'
import { pageColors } from '../ui/chart-colors.ts'

echarts.use([
  HeatmapChart,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
])

export function NormHistogramChart({ histogram, marks }: NormHistogramData) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()
  const height = normHistogramHeight(histogram.length)

  useEffect(() => {
    if (!box.current) return
    const made = echarts.init(box.current)
    chart.current = made
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    chart.current?.setOption(normHistogramOption({ histogram, marks }, pageColors()), { notMerge: true })
    chart.current?.resize()
  }, [histogram, marks, colorScheme, height])

  const label = `Norm of the residual stream, by ${histogram.length} groups of positions`
  return <div ref={box} style={{ height }} role="img" aria-label={label} />
}
