// Panels of lines over one time axis, drawn by ECharts with a cross-hair that runs through all of them.
import { useComputedColorScheme } from '@mantine/core'
import { LineChart } from 'echarts/charts'
import {
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { type RefObject, useEffect, useImperativeHandle } from 'react'
import type { Panel } from '../../shared/charts/resources.ts'
import { chartHeight, resourceOption } from '../../shared/charts/resource-option.ts'
import { saveUrl } from '../state/save-file.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

echarts.use([
  LineChart,
  AxisPointerComponent,
  DataZoomComponent,
  GridComponent,
  TitleComponent,
  TooltipComponent,
  CanvasRenderer,
])

export interface ChartHandle {
  savePng(name: string): void
}

interface ResourceChartProps {
  readonly panels: readonly Panel[]
  readonly handle: RefObject<ChartHandle | null>
}

export function ResourceChart({ panels, handle }: ResourceChartProps) {
  const { box, chart, width } = useChart()
  const colorScheme = useComputedColorScheme()
  const height = chartHeight(panels.length, width)

  useEffect(() => {
    if (width === 0) return
    // panels may have come or gone; the zoom stays
    chart.current?.setOption(resourceOption(panels, pageColors(), width), {
      replaceMerge: ['series', 'grid', 'xAxis', 'yAxis', 'title'],
    })
    chart.current?.resize()
  }, [chart, panels, colorScheme, width, height])

  useImperativeHandle(handle, () => ({
    savePng: (name) => {
      const { panel } = pageColors()
      const url = chart.current?.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: panel })
      if (url !== undefined) saveUrl(name, url)
    },
  }))

  return (
    <div ref={box} style={{ height }} role="img" aria-label={panels.map((panel) => panel.title).join(', ')} />
  )
}
