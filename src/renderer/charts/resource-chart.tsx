// Panels of lines over one time axis, drawn by ECharts with a cross-hair that runs through all of them.
import { useMantineColorScheme } from '@mantine/core'
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
import { type RefObject, useEffect, useImperativeHandle, useRef } from 'react'
import type { Panel } from '../../shared/charts/resources.ts'
import { chartHeight, panelOption } from '../../shared/charts/panel-option.ts'

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
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const { colorScheme } = useMantineColorScheme()
  const height = chartHeight(panels.length)

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
    const style = getComputedStyle(document.documentElement)
    const color = (name: string) => style.getPropertyValue(name).trim()
    const option = panelOption(panels, {
      text: color('--mute'),
      line: color('--line'),
      panel: color('--panel'),
      ink: color('--ink'),
      series: [color('--series-1'), color('--series-3'), color('--series-2')],
    })
    // panels may have come or gone; the zoom stays
    chart.current?.setOption(option, { replaceMerge: ['series', 'grid', 'xAxis', 'yAxis', 'title'] })
    chart.current?.resize()
  }, [panels, colorScheme])

  useImperativeHandle(handle, () => ({
    savePng: (name) => {
      const link = document.createElement('a')
      const background = getComputedStyle(document.documentElement).getPropertyValue('--panel').trim()
      link.href = chart.current?.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: background }) ?? ''
      link.download = name
      link.click()
    },
  }))

  return (
    <div ref={box} style={{ height }} role="img" aria-label={panels.map((panel) => panel.title).join(', ')} />
  )
}
