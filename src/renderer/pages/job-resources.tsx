// What a job and the machine used over time: charts, and for a death by memory its last minute.
import { Button, SegmentedControl, Title } from '@mantine/core'
import { lazy, Suspense, useRef, useState } from 'react'
import { lastSeconds, resourcePanels } from '../../shared/charts/resources.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { formatBytes } from '../../shared/units.ts'
import { useStream } from '../state/use-stream.ts'
import type { ChartHandle } from '../charts/resource-chart.tsx'

// ECharts is large: it is loaded when a chart is first shown
const ResourceChart = lazy(() =>
  import('../charts/resource-chart.tsx').then((module) => ({ default: module.ResourceChart })),
)

const MINUTE = 60

export function JobResources({ job }: { readonly job: Job }) {
  const { state: columns } = useStream('jobs.samples', { id: job.id })
  const [range, setRange] = useState(job.error?.code === 'job/out-of-memory' ? 'minute' : 'all')
  const chart = useRef<ChartHandle>(null)
  if (!columns || columns.at.length === 0) return null
  const shown = range === 'minute' ? lastSeconds(columns, MINUTE) : columns
  const peak = shown.rss.reduce((highest, value) => (value > highest ? value : highest), 0)
  const panels = resourcePanels(shown)
  return (
    <section className="card">
      <div className="page-head">
        <Title order={2} className="muted">
          What it used
        </Title>
        <div className="end">
          <SegmentedControl
            size="xs"
            value={range}
            onChange={setRange}
            data={[
              { value: 'all', label: 'Whole time' },
              { value: 'minute', label: 'Last minute' },
            ]}
          />
          <Button onClick={() => chart.current?.savePng(`job-${job.id}.png`)}>Save PNG</Button>
        </div>
      </div>
      <p className="hidden">
        {shown.at.length} samples; the job&apos;s memory was at most {formatBytes(peak)}.
      </p>
      <Suspense fallback={<div style={{ height: 120 * panels.length }} />}>
        <ResourceChart panels={panels} handle={chart} />
      </Suspense>
    </section>
  )
}
