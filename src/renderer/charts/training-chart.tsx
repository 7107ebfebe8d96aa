// One panel of a training’s curves, or its densities, drawn by ECharts; the panels of a page share their cross-hair.
import { useComputedColorScheme } from '@mantine/core'
import { BarChart, LineChart } from 'echarts/charts'
import { DataZoomInsideComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

echarts.use([
  BarChart,
  LineChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  CanvasRenderer,
])

interface TrainingChartProps {
  readonly label: string
  /** Made anew when what it depends on changes, colours included. */
  option(): echarts.EChartsCoreOption
  /** Charts of one group move together. */
  readonly group?: string
  /** Given what saves a picture of the chart. */
  onReady?(picture: () => string): void
}

export function TrainingChart({ label, option, group, onReady }: TrainingChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()

  useEffect(() => {
    if (!box.current) return
    const made = echarts.init(box.current)
    chart.current = made
    if (group !== undefined) {
      made.group = group
      echarts.connect(group)
    }
    onReady?.(() => made.getDataURL({ type: 'png', pixelRatio: 2 }))
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
    // the chart is made once; what it shows follows below
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [group])

  useEffect(() => {
    // only what is drawn is replaced: the part of the steps that was zoomed into stays
    chart.current?.setOption(option(), { replaceMerge: ['series'] })
  }, [option, colorScheme])

  return <div ref={box} className="training-chart" role="img" aria-label={label} />
}
