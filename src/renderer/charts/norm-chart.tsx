// How large the residual stream is at every layer and token of a text, drawn by ECharts.
import { useComputedColorScheme } from '@mantine/core'
import { HeatmapChart } from 'echarts/charts'
import { GridComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect } from 'react'
import { normHeight, normOption } from '../../shared/charts/norm-option.ts'
import type { Analysis } from '../../shared/generation.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer])

export function NormChart({ analysis }: { readonly analysis: Analysis }) {
  const { box, chart } = useChart()
  const colorScheme = useComputedColorScheme()
  const height = normHeight(analysis.layers)

  useEffect(() => {
    chart.current?.setOption(normOption(analysis, pageColors()), { notMerge: true })
    chart.current?.resize()
  }, [chart, analysis, colorScheme, height])

  const label = `Norm of the residual stream, ${analysis.layers + 1} layers by ${analysis.tokens.length} tokens`
  return <div ref={box} style={{ height }} role="img" aria-label={label} />
}
