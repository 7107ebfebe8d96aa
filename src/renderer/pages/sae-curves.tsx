// The curves of a training, live while it runs: one panel each, with a running mean, a log axis, and files of them.
import { Button, Switch, Title } from '@mantine/core'
import { useCallback, useState } from 'react'
import {
  densityOption,
  type Panel,
  type PanelView,
  trainingOption,
  trainingPanels,
} from '../../shared/charts/training-option.ts'
import { type TrainingCurves, trainingSeries } from '../../shared/saes.ts'
import { TrainingChart } from '../charts/training-chart.tsx'
import { useNow } from '../ui/use-now.ts'
import { useCall } from '../state/use-call.ts'
import { pageColors } from '../ui/chart-colors.ts'
import { ErrorText } from '../ui/error-text.tsx'

interface SaeCurvesProps {
  readonly id: string
  readonly training: boolean
}

/** Milliseconds between two looks at a training that runs. */
const INTERVAL = 2_000
const SMOOTH = 0.95

export function SaeCurves({ id, training }: SaeCurvesProps) {
  const [log, setLog] = useState(false)
  const [smooth, setSmooth] = useState(true)
  const [paused, setPaused] = useState(false)
  const watching = training && !paused
  const round = Math.floor(useNow(watching) / INTERVAL)
  const { output, error } = useCall('saes.curves', { id, points: 800 }, true, `${round} ${training}`)
  const view = { log, smoothing: smooth ? SMOOTH : 0 }
  if (error) return <ErrorText error={error} />
  if (!output || output.steps === 0) return null
  return (
    <section className="card" aria-label="Curves">
      <div className="card-head">
        <Title order={2}>Curves</Title>
        <div className="end curve-controls">
          <Switch
            label="Smoothed"
            checked={smooth}
            onChange={(event) => setSmooth(event.currentTarget.checked)}
          />
          <Switch label="Log axis" checked={log} onChange={(event) => setLog(event.currentTarget.checked)} />
          {training && (
            <Switch
              label="Paused"
              checked={paused}
              onChange={(event) => setPaused(event.currentTarget.checked)}
            />
          )}
          <Button size="compact-sm" onClick={() => save(`${id}.csv`, csvOf(output))}>
            Save CSV
          </Button>
        </div>
      </div>
      <div className="panels">
        {trainingPanels.map((panel) => (
          <CurvePanel key={panel.title} id={id} panel={panel} curves={output} view={view} />
        ))}
        {output.densities && <Densities id={id} densities={output.densities} />}
      </div>
    </section>
  )
}

interface CurvePanelProps {
  readonly id: string
  readonly panel: Panel
  readonly curves: TrainingCurves
  readonly view: PanelView
}

function CurvePanel({ id, panel, curves, view: { log, smoothing } }: CurvePanelProps) {
  const option = useCallback(
    () => trainingOption(panel, curves, { log, smoothing }, pageColors()),
    [panel, curves, log, smoothing],
  )
  return <Figure id={id} title={panel.title} option={option} group={id} />
}

function Densities({ id, densities }: { readonly id: string; readonly densities: readonly number[] }) {
  const option = useCallback(() => densityOption(densities, pageColors()), [densities])
  return <Figure id={id} title="Features by density, on validation rows" option={option} />
}

interface FigureProps {
  readonly id: string
  readonly title: string
  option(): Record<string, unknown>
  readonly group?: string
}

function Figure({ id, title, option, group }: FigureProps) {
  const [picture, setPicture] = useState<() => string>()
  const ready = useCallback((made: () => string) => setPicture(() => made), [])
  return (
    <figure>
      <figcaption>
        {title}
        <Button
          size="compact-xs"
          aria-label={`PNG of ${title}`}
          onClick={() => picture && save(`${id} ${title}.png`, picture())}
        >
          PNG
        </Button>
      </figcaption>
      <TrainingChart label={title} option={option} {...(group !== undefined && { group })} onReady={ready} />
    </figure>
  )
}

/** Every point that is shown: series, step, value. */
function csvOf({ series }: TrainingCurves): string {
  const lines = trainingSeries.flatMap((name) => {
    const curve = series[name]
    return curve ? Array.from(curve.step, (step, place) => `${name},${step},${curve.value[place]}`) : []
  })
  return `data:text/csv;charset=utf-8,${encodeURIComponent(['series,step,value', ...lines].join('\n'))}`
}

function save(name: string, url: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}
