// A chart of ECharts in a box of the page: made with the box, as large as it, and gone with it.
import * as echarts from 'echarts/core'
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react'

interface ChartOptions {
  /** Charts of one group move together. */
  readonly group?: string | undefined
  /** Given the chart that was made. */
  onMade?(chart: echarts.ECharts): void
  /** A point of a series was clicked. */
  onPoint?(series: number | undefined, point: number): void
  onResize?(): void
}

interface ChartBox {
  readonly box: RefObject<HTMLDivElement | null>
  /** Null before the box is there. */
  readonly chart: RefObject<echarts.ECharts | null>
  /** CSS pixels; 0 until it was measured. */
  readonly width: number
}

export function useChart({ group, onMade, onPoint, onResize }: ChartOptions = {}): ChartBox {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const [width, setWidth] = useState(0)
  const made = useEffectEvent((one: echarts.ECharts) => onMade?.(one))
  const clicked = useEffectEvent((series: number | undefined, point: number) => onPoint?.(series, point))
  const resized = useEffectEvent(() => onResize?.())
  useEffect(() => {
    if (!box.current) return
    const one = echarts.init(box.current)
    chart.current = one
    one.on('click', ({ seriesIndex, dataIndex }) => clicked(seriesIndex, dataIndex))
    if (group !== undefined) {
      one.group = group
      echarts.connect(group)
    }
    made(one)
    const observer = new ResizeObserver(([entry]) => {
      one.resize()
      if (entry) setWidth(Math.round(entry.contentRect.width))
      resized()
    })
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      one.dispose()
    }
  }, [group])
  return { box, chart, width }
}
