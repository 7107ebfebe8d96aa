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
import { type RefObject, useEffect, useImperativeHandle, useRef, useState } from 'react'
import type { Panel } from '../../shared/charts/resources.ts'
import { chartHeight, panelOption } from '../../shared/charts/panel-option.ts'
import { pageColors } from '../ui/chart-colors.ts'

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
  const [width, setWidth] = useState(0)
  const colorScheme = useComputedColorScheme()
  const height = chartHeight(panels.length, width)

  useEffect(() => {
    if (!box.current) return
    const made = echarts.init(box.current)
    chart.current = made
    const observer = new ResizeObserver(([entry]) => entry && setWidth(entry.contentRect.width))
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [])

  useEffect(() => {
    if (width === 0) return
    // panels may have come or gone; the zoom stays
    chart.current?.setOption(panelOption(panels, pageColors(), width), {
      replaceMerge: ['series', 'grid', 'xAxis', 'yAxis', 'title'],
    })
    chart.current?.resize()
  }, [panels, colorScheme, width, height])

  useImperativeHandle(handle, () => ({
    savePng: (name) => {
      const link = document.createElement('a')
      const { panel } = pageColors()
      link.href = chart.current?.getDataURL({ type: 'png', pixelRatio: 2, backgroundColor: panel }) ?? ''
      link.download = name
      link.click()
    },
  }))

  return (
    <div ref={box} style={{ height }} role="img" aria-label={panels.map((panel) => panel.title).join(', ')} />
  )
}
