// The curves of trainings, live while they run: one panel each, runs laid over each other, and files of them.
import { Button, Switch, Title } from '@mantine/core'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import {
  densityOption,
  type DrawnRun,
  type Panel,
  type PanelView,
  trainingOption,
  trainingPanels,
} from '../../../shared/charts/training-option.ts'
import { curvesCsv } from '../../../shared/charts/curves-csv.ts'
import { type ChartHandle, TrainingChart } from '../../charts/training-chart.tsx'
import { act } from '../../state/actions.ts'
import { useCurves, type WatchedRun } from '../../state/use-curves.ts'
import { pageColors } from '../../ui/chart-colors.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { useNow } from '../../ui/use-now.ts'
import { saveFile, saveUrl } from '../../state/save-file.ts'

interface NamedRun extends WatchedRun {
  readonly name: string
}

interface SaeCurvesProps {
  /** The first is the one that the page is about. */
  readonly runs: readonly NamedRun[]
  /** Beside the switches. */
  readonly children?: ReactNode
}

/** Milliseconds between two looks at a training that runs. */
const INTERVAL = 2_000
const SMOOTH = 0.95

export function SaeCurves({ runs, children }: SaeCurvesProps) {
  const [log, setLog] = useState(false)
  const [smooth, setSmooth] = useState(true)
  const [paused, setPaused] = useState(false)
  const training = runs.some(({ state }) => state === 'training')
  const round = Math.floor(useNow(training && !paused) / INTERVAL)
  const { curves, error } = useCurves(runs, round)
  const names = JSON.stringify(runs.map(({ id, name }) => ({ id, name })))
  const drawn = useMemo(
    () =>
      (JSON.parse(names) as { id: string; name: string }[]).flatMap(({ id, name }) => {
        const its = curves[id]
        return its && its.steps > 0 ? [{ id, name, curves: its }] : []
      }),
    [curves, names],
  )
  const whole = useRef<() => void>(() => undefined)
  const remember = useCallback((chart: ChartHandle) => (whole.current = chart.whole), [])
  const view = { log, smoothing: smooth ? SMOOTH : 0 }
  const [first] = drawn
  if (!first) return error ? <ErrorText error={error} /> : null
  return (
    <section className="card" aria-label="Curves">
      <div className="card-head">
        <Title order={2}>Curves</Title>
        <div className="end curve-controls">
          {children}
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
          <Button size="compact-sm" onClick={() => whole.current()}>
            All steps
          </Button>
          <Button size="compact-sm" onClick={() => void saveCsv(drawn)}>
            Save CSV
          </Button>
        </div>
      </div>
      {error && <ErrorText error={error} />}
      <Legend runs={drawn} />
      <div className="panels">
        {trainingPanels.map((panel) => (
          <CurvePanel
            key={panel.title}
            file={first.id}
            panel={panel}
            runs={drawn}
            view={view}
            onReady={remember}
          />
        ))}
        {drawn.some((run) => run.curves.densities !== null) && <Densities file={first.id} runs={drawn} />}
      </div>
    </section>
  )
}

/** Which colour is which run; of one alone the panels say themselves what is what. */
function Legend({ runs }: { readonly runs: readonly DrawnRun[] }) {
  const help = 'Shift and wheel zoom into steps, dragging moves; double-click shows all.'
  if (runs.length < 2) return <p className="muted fine curve-legend">{help}</p>
  return (
    <p className="muted fine curve-legend">
      {runs.map(({ name }, at) => (
        <span key={`${at} ${name}`} className="run">
          <span className="swatch" data-run={at} />
          {name}
        </span>
      ))}
      <span>Solid: training, or loss. Dashed: validation, or reconstruction. Dotted: sparsity. {help}</span>
    </p>
  )
}

interface CurvePanelProps {
  readonly file: string
  readonly panel: Panel
  readonly runs: readonly DrawnRun[]
  readonly view: PanelView
  onReady(chart: ChartHandle): void
}

function CurvePanel({ file, panel, runs, view: { log, smoothing }, onReady }: CurvePanelProps) {
  const option = useCallback(
    () => trainingOption(panel, runs, { log, smoothing }, pageColors()),
    [panel, runs, log, smoothing],
  )
  return <Figure file={file} title={panel.title} option={option} group={file} onReady={onReady} />
}

function Densities({ file, runs }: { readonly file: string; readonly runs: readonly DrawnRun[] }) {
  const option = useCallback(() => densityOption(runs, pageColors()), [runs])
  return <Figure file={file} title="Features by density, on validation rows" option={option} />
}

interface FigureProps {
  /** With which the name of its picture begins. */
  readonly file: string
  readonly title: string
  option(): Record<string, unknown>
  readonly group?: string
  onReady?(chart: ChartHandle): void
}

function Figure({ file, title, option, group, onReady }: FigureProps) {
  const chart = useRef<ChartHandle | null>(null)
  const ready = useCallback(
    (made: ChartHandle) => {
      chart.current = made
      onReady?.(made)
    },
    [onReady],
  )
  return (
    <figure>
      <figcaption>
        {title}
        <Button
          size="compact-xs"
          aria-label={`PNG of ${title}`}
          onClick={() => chart.current && saveUrl(`${file} ${title}.png`, chart.current.picture())}
        >
          PNG
        </Button>
      </figcaption>
      <TrainingChart label={title} option={option} {...(group !== undefined && { group })} onReady={ready} />
    </figure>
  )
}

/** Every step of each: what is drawn has fewer points. */
async function saveCsv(runs: readonly { readonly id: string }[]): Promise<void> {
  const whole: Parameters<typeof curvesCsv>[0][number][] = []
  for (const { id } of runs) {
    const curves = await act('saes.curves', { id, points: null })
    if (!curves) return
    whole.push({ id, curves })
  }
  saveFile(`${runs[0]!.id}.csv`, new Blob([curvesCsv(whole)], { type: 'text/csv' }))
}
