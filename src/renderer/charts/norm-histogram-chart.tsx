// How long the residual stream of a harvest is at each position, drawn by ECharts.
import { useComputedColorScheme } from '@mantine/core'
import { HeatmapChart, LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect } from 'react'
import {
  type NormHistogramData,
  normHistogramHeight,
  normHistogramOption,
} from '../../shared/charts/norm-histogram-option.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([
  HeatmapChart,
  LineChart,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
  VisualMapComponent,
  CanvasRenderer,
])

export function NormHistogramChart({ histogram, marks }: NormHistogramData) {
  const { box, chart } = useChart()
  const colorScheme = useComputedColorScheme()
  const height = normHistogramHeight(histogram.length)

  useEffect(() => {
    chart.current?.setOption(normHistogramOption({ histogram, marks }, pageColors()), { notMerge: true })
    chart.current?.resize()
  }, [chart, histogram, marks, colorScheme, height])

  const label = `Norm of the residual stream, by ${histogram.length} groups of positions`
  return <div ref={box} style={{ height }} role="img" aria-label={label} />
}
