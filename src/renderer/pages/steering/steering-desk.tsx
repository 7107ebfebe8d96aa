// The steering desk: on the left what is set up, beside it the two texts, below them the strip, the chart and the measurement.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useEffect, useMemo, useRef, useState } from 'react'
import type { SaeEntry } from '../../../shared/saes.ts'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { useSteeringKeys } from '../../app/steering-keys.ts'
import { useDesk } from '../../state/desk.ts'
import { doAgain, generate, save, stop, takeBack } from '../../state/steering.ts'
import { useCall } from '../../state/use-call.ts'
import { useIndexes, useNotes } from '../../state/use-features.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { SteeringAdd } from './steering-add.tsx'
import { SteeringCard } from './steering-card.tsx'
import { SteeringHead, type SteeringSheet } from './steering-head.tsx'
import { SteeringHistory } from './steering-history.tsx'
import { SteeringKnobs } from './steering-knobs.tsx'
import { SteeringMeasure } from './steering-measure.tsx'
import { SteeringPlaceForm } from './steering-place.tsx'
import { SteeringPrompt } from './steering-prompt.tsx'
import { SteeringNew, SteeringSave } from './steering-save.tsx'
import { SteeringSessions } from './steering-sessions.tsx'
import { SteeringStrip } from './steering-strip.tsx'
import { SteeringSweep } from './steering-sweep.tsx'
import { SteeringTexts } from './steering-texts.tsx'
import { type ColorChoice, nextColor } from './steering-colors.ts'

interface SteeringDeskProps {
  readonly setup: SteeringSetup
  readonly saes: readonly SaeEntry[]
}

export function SteeringDesk({ setup, saes }: SteeringDeskProps) {
  const { sae, model, precision, anyName, interventions } = setup
  const slider = useDesk((desk) => desk.slider)
  const session = useDesk((desk) => desk.session)
  const place = useCall('steering.place', { sae, precision, anyName, ...(model !== undefined && { model }) })
  // that of another SAE stays while this one is asked for, and says nothing of one that is not here
  const known = place.error ? undefined : place.output
  // another model would not help then
  const noSae = place.error?.code === 'sae/unknown'
  const { indexes } = useIndexes([sae])
  const index = indexes?.get(sae)?.find(({ state }) => state === 'ready')
  const notes = useNotes(sae)
  const [color, setColor] = useState<ColorChoice>('kl')
  const [sheet, setSheet] = useState<SteeringSheet | null>(null)
  const add = useRef<HTMLInputElement>(null)
  const features = useMemo(() => interventions.map(({ feature }) => feature), [interventions])
  const cards = useRef(features.length)
  useEffect(() => {
    // a card that had the focus takes it along
    const lost = features.length < cards.current && document.activeElement === document.body
    cards.current = features.length
    if (lost) (sliderOf(slider) ?? add.current?.closest('section'))?.focus()
  }, [features, slider])
  useSteeringKeys({
    nudge: (direction) => nudge(slider, direction),
    zero: () => setSlider(slider, 0),
    ...{ generate, stop, undo: takeBack, redo: doAgain },
    add: () => add.current?.focus(),
    color: () => setColor((before) => nextColor(before, features)),
    history: () => setSheet('history'),
    save: () => (session ? void save() : setSheet('save')),
  })
  return (
    <div className="page steering">
      <SteeringHead setup={setup} saes={saes} place={known} onSheet={setSheet} />
      {place.error && (
        <section className="card steering-where" aria-label="Where to steer">
          <ErrorText error={place.error} />
          {noSae ? (
            <p className="muted">Import the SAE this was made with, or choose one that is here at the top.</p>
          ) : (
            <SteeringPlaceForm setup={setup} />
          )}
          <div className="try-row">
            <Button onClick={place.refresh}>Look again</Button>
            <Button component={Link} to={noSae ? '/sae' : '/models'}>
              {noSae ? 'Go to the SAEs' : 'Go to the models'}
            </Button>
          </div>
        </section>
      )}
      <div className="steering-columns">
        <div className="steering-setup">
          <SteeringPrompt setup={setup} chats={known?.chat ?? false} />
          {interventions.map((intervention, at) => (
            <SteeringCard
              key={intervention.feature}
              at={at}
              setup={setup}
              intervention={intervention}
              index={index}
              note={notes.get(intervention.feature)}
              norm={known?.norm ?? null}
              features={known?.features}
            />
          ))}
          <SteeringAdd
            field={add}
            sae={sae}
            index={index}
            features={known?.features}
            first={interventions.length === 0}
          />
          <SteeringKnobs setup={setup} />
        </div>
        <SteeringTexts {...{ setup, color, notes, nowhere: place.error !== undefined }} onColor={setColor} />
      </div>
      <SteeringStrip setup={setup} />
      {interventions.length > 0 && <SteeringSweep setup={setup} />}
      {interventions.length > 0 && <SteeringMeasure setup={setup} features={known?.features} />}
      <SteeringSessions opened={sheet === 'sessions'} onClose={() => setSheet(null)} />
      <SteeringSave opened={sheet === 'save'} onClose={() => setSheet(null)} />
      <SteeringNew opened={sheet === 'new'} onClose={() => setSheet(null)} onSave={() => setSheet('save')} />
      <SteeringHistory opened={sheet === 'history'} onClose={() => setSheet(null)} />
    </div>
  )
}

/** As its own keys would. */
function nudge(slider: number, direction: number): void {
  const input = sliderOf(slider)
  if (!input) return
  input.focus()
  setInput(input, Number(input.value) + direction * Number(input.step))
}

function setSlider(slider: number, strength: number): void {
  const input = sliderOf(slider)
  if (input) setInput(input, strength)
}

function sliderOf(slider: number): HTMLInputElement | null {
  return document.querySelector<HTMLInputElement>(`#strength-${slider}`)
}

/** React hears of values only that are set past its own setter. */
function setInput(input: HTMLInputElement, value: number): void {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
  set?.call(input, String(value))
  input.dispatchEvent(new Event('input', { bubbles: true }))
}
