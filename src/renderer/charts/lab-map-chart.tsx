// Features by their means in two sets of prompts, or in two languages, drawn by ECharts; a click chooses one.
import { useComputedColorScheme } from '@mantine/core'
import { ScatterChart } from 'echarts/charts'
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useMemo } from 'react'
import { labGroups, labMapOption } from '../../shared/charts/lab-map-option.ts'
import type { LabMeasure, LabRun } from '../../shared/prompt-lab.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { useChart } from './use-chart.ts'

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
  const colorScheme = useComputedColorScheme()
  const groups = useMemo(() => labGroups(run), [run])
  const { box, chart } = useChart({
    onPoint: (series, point) => {
      const at = groups[series ?? -1]?.places[point]
      if (at !== undefined) onChoose(run.features[at]!)
    },
  })
  useEffect(() => {
    chart.current?.setOption(labMapOption(run, measure, [first, second], pageColors()), { notMerge: true })
  }, [chart, run, measure, first, second, colorScheme])
  return (
    <div
      ref={box}
      className="lab-map"
      role="img"
      aria-label={`${run.features.length} features: ${first} against ${second}; the table has the same numbers`}
    />
  )
}
