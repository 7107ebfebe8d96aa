// Features by their means in two sets of prompts, or in two languages, drawn by ECharts; a click chooses one.
import { useComputedColorScheme } from '@mantine/core'
import { ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'
import { labGroups, labMapOption } from '../../shared/charts/lab-map-option.ts'
import type { LabMeasure, LabRun } from '../../shared/prompt-lab.ts'
import { pageColors } from '../ui/chart-colors.ts'

echarts.use([ScatterChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer])

interface LabMapChartProps {
  readonly run: LabRun
  readonly measure: LabMeasure
  /** What the axes are called. */
  readonly first: string
  readonly second: string
  onChoose(feature: number): void
}

export function LabMapChart({ run, measure, first, second, onChoose }: LabMapChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  const colorScheme = useComputedColorScheme()
  const click = useRef<(series: number | undefined, point: number) => void>(() => undefined)
  useEffect(() => {
    const groups = labGroups(run)
    click.current = (series, point) => {
      const at = groups[series ?? -1]?.places[point]
      if (at !== undefined) onChoose(run.features[at]!)
    }
  }, [run, onChoose])
  useEffect(() => {
    if (!box.current) return
    const made = echarts.init(box.current)
    chart.current = made
    made.on('click', ({ seriesIndex, dataIndex }) => click.current(seriesIndex, dataIndex))
    const observer = new ResizeObserver(() => made.resize())
    observer.observe(box.current)
    return () => {
      observer.disconnect()
      made.dispose()
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(labMapOption(run, measure, [first, second], pageColors()), { notMerge: true })
  }, [run, measure, first, second, colorScheme])
  return (
    <div
      ref={box}
      className="lab-map"
      role="img"
      aria-label={`${run.features.length} features: ${first} against ${second}; the table has the same numbers`}
    />
  )
}
