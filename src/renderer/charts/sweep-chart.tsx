// What grows with the strength of a feature, drawn by ECharts.
import { useComputedColorScheme } from '@mantine/core'
import { LineChart } from 'echarts/charts'
import { GridComponent, MarkLineComponent, TitleComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect } from 'react'
import { type SweepChart as Chart, sweepHeight, sweepOption } from '../../shared/charts/sweep-option.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([LineChart, GridComponent, MarkLineComponent, TitleComponent, TooltipComponent, CanvasRenderer])

export function SweepChart({ points, sweetSpot, strength, pinned }: Chart) {
  const { box, chart, width } = useChart()
  const colorScheme = useComputedColorScheme()
  const key = pinned.join()
  useEffect(() => {
    if (width === 0) return
    chart.current?.resize()
    const option = sweepOption({ points, sweetSpot, strength, pinned: key.split(',') }, pageColors(), width)
    chart.current?.setOption(option, { notMerge: true })
  }, [chart, points, sweetSpot, strength, key, width, colorScheme])
  const spot = sweetSpot === null ? 'no sweet spot' : `sweet spot at ${sweetSpot}`
  return (
    <div
      ref={box}
      style={{ height: sweepHeight(width) }}
      role="img"
      aria-label={`KL, perplexity, repetition and activation at ${points.length} strengths; ${spot}`}
    />
  )
}
