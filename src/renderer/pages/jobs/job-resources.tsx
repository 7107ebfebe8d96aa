// What a job and the machine used over time: charts, the same in numbers, and for a death by memory its last minute.
import { Button, SegmentedControl, Title } from '@mantine/core'
import { Suspense, useMemo, useRef, useState } from 'react'
import { lastSeconds, resourcePanels, withoutLines } from '../../../shared/charts/resources.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import type { ChartHandle } from '../../charts/resource-chart.tsx'
import { useStream } from '../../state/use-stream.ts'
import { lazyPart } from '../../ui/lazy-part.ts'
import { LineChooser } from './line-chooser.tsx'
import { ResourceNumbers } from './resource-numbers.tsx'

// ECharts is large: it is loaded when a chart is first shown
const ResourceChart = lazyPart(async () => (await import('../../charts/resource-chart.tsx')).ResourceChart)

const MINUTE = 60
/** Pixels kept free while the chart is loaded: two rows of panels. */
const LOADING_HEIGHT = 272

export function JobResources({ job }: { readonly job: Job }) {
  const { state: columns } = useStream('jobs.samples', { id: job.id })
  // null until somebody chooses: the error may come after the page
  const [chosen, setRange] = useState<string | null>(null)
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const chart = useRef<ChartHandle>(null)
  const range = chosen ?? (job.error?.code === 'job/out-of-memory' ? 'minute' : 'all')
  const panels = useMemo(() => {
    if (!columns) return []
    return resourcePanels(range === 'minute' ? lastSeconds(columns, MINUTE) : columns)
  }, [columns, range])
  const shown = useMemo(() => withoutLines(panels, hidden), [panels, hidden])
  if (panels.length === 0) return null
  return (
    <section className="card">
      <div className="page-head">
        <Title order={2} className="muted">
          What it used
        </Title>
        <div className="end">
          <LineChooser panels={panels} hidden={hidden} onChange={setHidden} />
          <SegmentedControl
            size="xs"
            aria-label="Time shown"
            value={range}
            onChange={setRange}
            data={[
              { value: 'all', label: 'Whole time' },
              { value: 'minute', label: 'Last minute' },
            ]}
          />
          <Button disabled={shown.length === 0} onClick={() => chart.current?.savePng(`job-${job.id}.png`)}>
            Save PNG
          </Button>
        </div>
      </div>
      {shown.length === 0 ? (
        <p className="muted">Every line is switched off.</p>
      ) : (
        <Suspense fallback={<div style={{ height: LOADING_HEIGHT }} />}>
          <ResourceChart panels={shown} handle={chart} />
        </Suspense>
      )}
      <ResourceNumbers panels={panels} />
    </section>
  )
}
