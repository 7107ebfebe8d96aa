// What the strength does: a sweep on demand, its curves, the sweet spot, and the texts behind each point.
import { Button, NumberInput, Progress, Title } from '@mantine/core'
import { Suspense, useState } from 'react'
import type { SweepPoint } from '../../../shared/steering-effect.ts'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { useDesk } from '../../state/desk.ts'
import { changeIntervention, endOf, stop as stopTexts } from '../../state/steering.ts'
import { hasStrength, pinnedOf, stripKey, strengthsOf } from '../../state/steering-setup.ts'
import { rememberSweetSpot } from '../../state/sweet-spots.ts'
import { useRun } from '../../state/use-run.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { visible } from '../../../shared/visible.ts'
import { lazyPart } from '../../ui/lazy-part.ts'
import { strengthWords } from './strength-slider.tsx'
import { sweetSpotWords } from './sweep-words.ts'

const SweepChart = lazyPart(async () => (await import('../../charts/sweep-chart.tsx')).SweepChart)

/** Texts for each strength where nobody says otherwise. */
const SAMPLES = 4

export function SteeringSweep({ setup }: { readonly setup: SteeringSetup }) {
  const slider = useDesk((desk) => desk.slider)
  const ranges = useDesk((desk) => desk.ranges)
  const [samples, setSamples] = useState(SAMPLES)
  const [asked, setAsked] = useState<{ readonly key: string; readonly setup: SteeringSetup }>()
  const { state, error, running, start, stop } = useRun('steering.sweep')
  const under = setup.interventions[slider]
  if (!under) return null
  const key = stripKey(setup, slider, [])
  const own = asked?.key === key
  const begin = () => {
    // texts that nobody waits for any more would slow it down
    stopTexts()
    setAsked({ key, setup })
    start(
      {
        ...setup,
        pinned: pinnedOf(setup),
        ...{ slider, samples, strengths: strengthsOf(endOf(under, ranges)) },
      },
      ({ sweetSpot }) => {
        if (sweetSpot !== null) rememberSweetSpot(setup, slider, sweetSpot)
      },
    )
  }
  const points = state?.points ?? []
  const spot = state?.sweetSpot ?? null
  const whole = state !== undefined && state.done === state.total
  return (
    <section className="card steering-sweep" aria-label="What the strength does">
      <div className="card-head">
        <Title order={2}>What the strength of {under.feature} does</Title>
        <span className="muted fine" role="status">
          {running && state ? (state.waiting ?? `${state.done} of ${state.total} texts`) : ''}
          {!running && asked && !own ? 'of another setup than the one on the desk' : ''}
        </span>
        <div className="end">
          <NumberInput
            w={104}
            aria-label="Texts for each strength"
            min={1}
            max={64}
            allowDecimal={false}
            suffix={samples === 1 ? ' text each' : ' texts each'}
            value={samples}
            onChange={(value) => value !== '' && setSamples(Math.min(64, Math.max(1, Number(value))))}
          />
          {running ? (
            <Button onClick={stop}>Stop</Button>
          ) : (
            <Button onClick={begin} disabled={!hasStrength(under)}>
              {state ? 'Sweep again' : 'Sweep'}
            </Button>
          )}
        </div>
      </div>
      {running && (
        <Progress
          size={3}
          value={state ? (100 * state.done) / Math.max(1, state.total) : 0}
          aria-label="Sweep"
        />
      )}
      {error && error.kind !== 'cancelled' && <ErrorText error={error} />}
      {!state && !running && (
        <p className="muted">
          Writes a few texts at each strength and draws what grows with it: how far the model is pushed (KL),
          how odd the texts are to the unsteered model (perplexity), and how much they repeat themselves.
        </p>
      )}
      {points.length > 1 && (
        <>
          <p className="steering-spot">
            {spot === null ? (
              !running && (
                <span>
                  {whole ? sweetSpotWords(points) : 'The sweet spot is known once all texts are there.'}
                </span>
              )
            ) : (
              <>
                <span>
                  Sweet spot <b>{strengthWords(spot)}</b>: {sweetSpotWords(points)}
                </span>
                <Button
                  size="compact-sm"
                  disabled={!own || under.strength === spot}
                  onClick={() => changeIntervention(slider, { ...withoutValue(under), strength: spot })}
                >
                  Take it
                </Button>
              </>
            )}
          </p>
          <Suspense fallback={<p className="muted">Drawing…</p>}>
            <SweepChart
              points={points}
              sweetSpot={spot}
              strength={under.strength}
              pinned={pinnedOf(asked?.setup ?? setup).map((feature) => `feature ${feature}`)}
            />
          </Suspense>
          <Texts points={points} />
        </>
      )}
    </section>
  )
}

function withoutValue<T extends { value?: unknown }>({ value: _, ...rest }: T) {
  return rest
}

function Texts({ points }: { readonly points: readonly SweepPoint[] }) {
  return (
    <details>
      <summary>The numbers and the texts</summary>
      <div className="scroll" tabIndex={0} role="region" aria-label="Numbers and texts of the sweep">
        <table className="steering-table">
          <thead>
            <tr>
              {['Strength', 'KL', 'Perplexity', 'Different words', 'Repeated', 'A text'].map((name) => (
                <th key={name}>{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map(({ strength, kl, perplexity, distinct, repeated, texts }) => (
              <tr key={strength}>
                <th>{strengthWords(strength)}</th>
                <td>{kl.toFixed(2)}</td>
                <td>{Number(perplexity.toPrecision(3)).toLocaleString('en-US')}</td>
                <td>{Math.round(100 * distinct)} %</td>
                <td>{Math.round(100 * repeated)} %</td>
                <td className="text">{visible(texts[0] ?? '')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
