// One histogram, drawn by ECharts; what it shows may change from feature to feature without it being made anew.
import { useComputedColorScheme } from '@mantine/core'
import { BarChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { type HistogramData, histogramOption } from '../../shared/charts/histogram-option.ts'
import { pageColors } from '../ui/chart-colors.ts'

echarts.use([BarChart, GridComponent, TooltipComponent, CanvasRenderer])

export function HistogramChart({ label, ...data }: HistogramData & { readonly label: string }) {
  const { counts, from, to, unit, log } = data
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()

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
    chart.current?.setOption(histogramOption({ counts, from, to, unit, log }, pageColors()), {
      notMerge: true,
    })
  }, [counts, from, to, unit, log, colorScheme])

  return <div ref={box} className="histogram" role="img" aria-label={label} />
}
