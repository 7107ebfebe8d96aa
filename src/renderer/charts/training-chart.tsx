// One panel of a training’s curves, or its densities, drawn by ECharts; the panels of a page share their cross-hair.
import { useComputedColorScheme } from '@mantine/core'
import { BarChart, LineChart } from 'echarts/charts'
import { DataZoomInsideComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect } from 'react'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([
  BarChart,
  LineChart,
  DataZoomInsideComponent,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  CanvasRenderer,
])

/** What can be asked of a chart that is drawn. */
export interface ChartHandle {
  /** A PNG of it, as a data URL. */
  picture(): string
  /** Shows all steps again, in all charts of its group. */
  whole(): void
}

interface TrainingChartProps {
  readonly label: string
  /** Made anew when what it depends on changes, colours included. */
  option(): echarts.EChartsCoreOption
  /** Charts of one group move together. */
  readonly group?: string
  onReady?(chart: ChartHandle): void
}

export function TrainingChart({ label, option, group, onReady }: TrainingChartProps) {
  const colorScheme = useComputedColorScheme()
  const { box, chart } = useChart({
    group,
    onMade: (made) => {
      const whole = () => made.dispatchAction({ type: 'dataZoom', start: 0, end: 100 })
      made.getZr().on('dblclick', whole)
      onReady?.({
        // what is transparent on the page would be black on black elsewhere
        picture: () => made.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: pageColors().panel }),
        whole,
      })
    },
  })

  useEffect(() => {
    // only what is drawn is replaced: the part of the steps that was zoomed into stays
    chart.current?.setOption(option(), { replaceMerge: ['series'] })
  }, [chart, option, colorScheme])

  return <div ref={box} className="training-chart" role="img" aria-label={label} />
}
