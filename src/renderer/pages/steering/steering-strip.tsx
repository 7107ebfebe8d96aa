// The strip: what the text becomes at nine strengths of the slider under the thumb, as one batch; a click goes there.
import { Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { nearestFinished } from '../../state/scrub.ts'
import { scrubber } from '../../state/scrubber.ts'
import { useDesk } from '../../state/desk.ts'
import { changeIntervention } from '../../state/steering.ts'
import { useSweetSpot } from '../../state/sweet-spots.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { visible } from '../../../shared/visible.ts'
import { strengthWords } from './strength-slider.tsx'

export function SteeringStrip({ setup }: { readonly setup: SteeringSetup }) {
  const strip = useDesk((desk) => desk.live.strip)
  const slider = useDesk((desk) => desk.slider)
  const sweet = useSweetSpot(setup, slider)
  const list = useRef<HTMLOListElement>(null)
  const under = strip ? setup.interventions[strip.slider] : undefined
  useEffect(
    () =>
      scrubber.subscribe(({ place }) => {
        for (const item of list.current?.querySelectorAll('[data-at]') ?? []) {
          const here =
            place === null
              ? item.getAttribute('aria-pressed') === 'true'
              : item.getAttribute('data-at') === String(place)
          item.toggleAttribute('data-here', here)
        }
      }),
    [],
  )
  if (!strip || !under) return null
  const { strengths, state, running, error } = strip
  const all = strengths.map(() => true)
  const here = nearestFinished(strengths, all, under.strength)
  const take = (strength: number) => {
    const { value: _, ...rest } = under
    changeIntervention(strip.slider, { ...rest, strength })
  }
  const waiting = state?.waiting ?? null
  return (
    <section className="card steering-strip" aria-label={`Strengths of feature ${under.feature}`}>
      <div className="card-head">
        <Title order={2}>Strengths of {under.feature}</Title>
        <span className="muted fine" role="status">
          {running ? (waiting ?? 'writing them as one batch…') : 'one batch, one seed'}
        </span>
        <span className="end muted fine">drag the slider, or use ← →</span>
      </div>
      {error && error.kind !== 'cancelled' && <ErrorText error={error} />}
      <ol ref={list}>
        {strengths.map((strength, at) => (
          <StripItem
            key={strength}
            at={at}
            strength={strength}
            text={(state?.rows[at + 1]?.tokens ?? []).map(({ text }) => text).join('')}
            here={at === here}
            sweet={strength === sweet}
            onTake={take}
          />
        ))}
      </ol>
    </section>
  )
}

interface StripItemProps {
  readonly at: number
  readonly strength: number
  readonly text: string
  readonly here: boolean
  readonly sweet: boolean
  onTake(strength: number): void
}

function StripItem({ at, strength, text, here, sweet, onTake }: StripItemProps) {
  return (
    <li>
      <button
        type="button"
        data-at={at}
        data-here={here || undefined}
        aria-pressed={here}
        onClick={() => onTake(strength)}
      >
        <b>
          {strengthWords(strength)}
          {sweet && <span className="sweet"> sweet spot</span>}
        </b>
        <span className="strip-text">{visible(text)}</span>
      </button>
    </li>
  )
}
