// One feature over the prompts of a run: its heat on every prompt, read one after the other, and the ways to it.
import { Button, Title } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type ErrorData, toErrorData } from '../../../shared/errors.ts'
import type { ReadText } from '../../../shared/features.ts'
import type { LabRun } from '../../../shared/prompt-lab.ts'
import { steer } from '../../app/steer.ts'
import { link } from '../../state/app.ts'
import { peakOf, valuesOf } from '../../state/token-codes.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { HeatText } from '../../ui/heat-text.tsx'

interface LabHeatProps {
  readonly run: LabRun
  readonly feature: number
  /** Whose index has the feature's page; undefined where the SAE has none. */
  readonly harvest: string | undefined
}

/** Prompts of a side that are shown at first, and with each "more". */
const AT_ONCE = 12

interface Line {
  readonly side: number
  readonly read: ReadText
}

export function LabHeat({ run, feature, harvest }: LabHeatProps) {
  const navigate = useNavigate()
  const [shown, setShown] = useState(AT_ONCE)
  const { lines, error, busy, total } = useHeat(run, feature, shown)
  // special tokens are in no figure of a run, and at the beginning of every prompt they are but noise
  const texts = lines.map(({ read }) => read.texts.filter((_, at) => !read.special[at]))
  const values = lines.map(({ read }) => valuesOf(read, feature).filter((_, at) => !read.special[at]))
  const max = Math.max(0, ...values.map((each) => Math.max(0, ...each)))
  const sae = run.sae.id
  return (
    <section className="card lab-heat" aria-label={`Feature ${feature} over the prompts`}>
      <div className="card-head">
        <Title order={2}>Feature {feature} over the prompts</Title>
        <span className="muted fine" role="status">
          {busy ? 'reading…' : ''}
        </span>
        <div className="lab-buttons end">
          {harvest === undefined ? (
            <Link to="/features" search={{ sae, feature }}>
              Its features
            </Link>
          ) : (
            <Link to="/features/$sae/$harvest/$feature" params={{ sae, harvest, feature: String(feature) }}>
              Feature page
            </Link>
          )}
          <Button size="compact-xs" onClick={() => void steer(navigate, sae, feature)}>
            Steer
          </Button>
        </div>
      </div>
      {error && <ErrorText error={error} />}
      {lines.map(({ side }, at) => (
        <div key={at} className="lab-line">
          {run.sides.length > 1 && (
            <small className="muted cut">{run.sides[side]?.language ?? run.sides[side]?.name}</small>
          )}
          <HeatText
            label={`Prompt ${at + 1}`}
            texts={texts[at]!}
            values={values[at]!}
            max={max}
            peak={peakOf(values[at]!)}
          />
        </div>
      ))}
      {shown < total && !busy && (
        <Button size="compact-xs" onClick={() => setShown((before) => before + AT_ONCE)}>
          More prompts
        </Button>
      )}
    </section>
  )
}

/** The first prompts of each side, as they are read; of sets as they are now. */
function useHeat(run: LabRun, feature: number, shown: number) {
  const [state, setState] = useState<{
    key: string
    lines: Line[]
    busy: boolean
    total: number
    error?: ErrorData
  }>()
  const key = `${run.id} ${feature} ${shown}`
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const lines: Line[] = []
    let total = 0
    const tell = (busy: boolean, error?: ErrorData) => {
      if (!signal.aborted) setState({ key, lines: [...lines], busy, total, ...(error && { error }) })
    }
    async function readAll() {
      const sides = await Promise.all(
        run.sides.map(async (side, at) => {
          const { prompts, parallel } = await link.call('lab.set', { id: side.set }, { signal })
          return side.language !== null && at === 1 ? (parallel?.translations ?? []) : prompts
        }),
      )
      total = Math.max(...sides.map(({ length }) => length))
      for (let at = 0; at < Math.min(shown, total); at++) {
        for (const [side, prompts] of sides.entries()) {
          const text = prompts[at]
          if (text === undefined) continue
          const order = { sae: run.sae.id, text, features: [feature] }
          lines.push({ side, read: await link.call('features.read', order, { signal }) })
          tell(true)
        }
      }
    }
    readAll().then(
      () => tell(false),
      (thrown: unknown) => tell(false, toErrorData(thrown)),
    )
    return () => abort.abort()
    // the key stands for the run, the feature and how many are shown
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key])
  const own = state?.key === key ? state : undefined
  return { lines: own?.lines ?? [], busy: own?.busy ?? true, total: own?.total ?? 0, error: own?.error }
}
