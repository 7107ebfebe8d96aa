// How large the residual stream is at every layer and token of a text, drawn by ECharts.
import { useComputedColorScheme } from '@mantine/core'
import { HeatmapChart } from 'echarts/charts'
import { GridComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { normHeight, normOption } from '../../shared/charts/norm-option.ts'
import type { Analysis } from '../../shared/generation.ts'
import { pageColors } from '../ui/chart-colors.ts'

echarts.use([HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer])

export function NormChart({ analysis }: { readonly analysis: Analysis }) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()
  const height = normHeight(analysis.layers)

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
    chart.current?.setOption(normOption(analysis, pageColors()), { notMerge: true })
    chart.current?.resize()
  }, [analysis, colorScheme, height])

  const label = `Norm of the residual stream, ${analysis.layers + 1} layers by ${analysis.tokens.length} tokens`
  return <div ref={box} style={{ height }} role="img" aria-label={label} />
}
