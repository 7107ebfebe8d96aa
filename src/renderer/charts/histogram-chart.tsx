// One histogram, drawn by ECharts; what it shows may change from feature to feature without it being made anew.
import { useComputedColorScheme } from '@mantine/core'
import { BarChart } from 'echarts/charts'
import { GridComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect } from 'react'
import { type HistogramData, histogramOption } from '../../shared/charts/histogram-option.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([BarChart, GridComponent, TooltipComponent, CanvasRenderer])

export function HistogramChart({ label, ...data }: HistogramData & { readonly label: string }) {
  const { counts, from, to, unit, log } = data
  const { box, chart } = useChart()
  const colorScheme = useComputedColorScheme()

  useEffect(() => {
    chart.current?.setOption(histogramOption({ counts, from, to, unit, log }, pageColors()), {
      notMerge: true,
    })
  }, [chart, counts, from, to, unit, log, colorScheme])

  return <div ref={box} className="histogram" role="img" aria-label={label} />
}
