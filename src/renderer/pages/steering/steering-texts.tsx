// The two texts side by side as they come: unsteered and steered, coloured by a number, marked where they part.
import { Button, Select, Title } from '@mantine/core'
import { memo, type ReactNode, useEffect, useMemo, useRef } from 'react'
import type { SteeringState } from '../../../shared/contract/steering.ts'
import type { EndReason, Message } from '../../../shared/generation.ts'
import type { PastRun, SteeringSetup } from '../../../shared/steering-sessions.ts'
import { labelOf, type Notes } from '../../state/feature-rows.ts'
import type { RunView, StripView } from '../../state/live-steering.ts'
import { nearestFinished } from '../../state/scrub.ts'
import { scrubber } from '../../state/scrubber.ts'
import { useDesk } from '../../state/desk.ts'
import { generate } from '../../state/steering.ts'
import { chatOf, keptOf, pinnedOf, stripKey } from '../../state/steering-setup.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { visible } from '../../../shared/visible.ts'
import { SteeredText, type ShownToken } from './steered-text.tsx'
import { type ColorChoice, colorChoices, readsOf, shadesOf, tokenWords } from './steering-colors.ts'
import { SteeringLegend } from './steering-legend.tsx'
import { strengthWords } from './strength-slider.tsx'
import { tokenDiff } from './token-diff.ts'

interface SteeringTextsProps {
  readonly setup: SteeringSetup
  readonly color: ColorChoice
  readonly notes: Notes
  /** It is not known what to steer, which is said elsewhere. */
  readonly nowhere: boolean
  onColor(color: ColorChoice): void
}

const emptyRow: SteeringState['rows'][number] = { tokens: [], reads: [], end: null }

export function SteeringTexts({ setup, color, notes, nowhere, onColor }: SteeringTextsProps) {
  const run = useDesk((desk) => desk.live.run)
  const strip = useDesk((desk) => desk.live.strip)
  const history = useDesk((desk) => desk.history)
  const nothing = run === null || leftNothing(run)
  const kept = useMemo(() => (nothing ? keptOf(history, setup) : undefined), [nothing, history, setup])
  const features = useMemo(() => pinnedOf(setup), [setup])
  const choices = colorChoices(features).map(({ value, label }) => {
    const name = value.startsWith('feature ') ? labelOf(notes.get(Number(value.slice(8)))) : ''
    return { value, label: name === '' ? label : `${label}: ${name}` }
  })
  const chosen = choices.some(({ value }) => value === color) ? color : 'kl'
  return (
    <div className="steering-texts">
      <div className="steering-line">
        <span className="muted fine" role="status">
          {kept ? 'as it was kept; Enter writes it anew' : statusWords(run)}
        </span>
        <Select
          size="xs"
          w={240}
          aria-label="Colours of the tokens"
          allowDeselect={false}
          data={choices}
          value={chosen}
          onChange={(value) => onColor(value!)}
          comboboxProps={{ width: 'max-content', position: 'bottom-end' }}
        />
      </div>
      {run?.error && !nowhere && (
        <section className="card bad" aria-label="What went wrong">
          <ErrorText error={run.error} />
          <Button onClick={generate}>Try again</Button>
        </section>
      )}
      <div className="steering-panes">
        <Panes run={run} strip={strip} color={chosen} setup={setup} kept={kept} />
      </div>
      {run && <SteeringLegend color={chosen} run={run} />}
    </div>
  )
}

/** It failed before its first token, and nothing was there before. */
function leftNothing({ error, before, state }: RunView): boolean {
  return error !== undefined && !before && !state?.rows.some(({ tokens }) => tokens.length > 0)
}

interface PanesProps {
  readonly run: RunView | null
  readonly strip: StripView | null
  readonly color: ColorChoice
  readonly setup: SteeringSetup
  /** Texts from before, while there are no others. */
  readonly kept: PastRun | undefined
}

const Panes = memo(function Panes({ run, strip, color, setup, kept }: PanesProps) {
  const { state, before } = run ?? {}
  const own = run?.setup ?? setup
  const [unsteered = emptyRow, steered = emptyRow] = state?.rows ?? []
  const difference = useMemo(
    () => tokenDiff(idsOf(unsteered.tokens), idsOf(steered.tokens)),
    [unsteered.tokens, steered.tokens],
  )
  const pinned = pinnedOf(own)
  const readsFor = (row: SteeringState['rows'][number], prompt: number) =>
    pinned.map((feature, of) => ({ feature, values: readsOf(row, prompt, pinned.length, of) }))
  const readsA = readsFor(unsteered, state?.prompt?.length ?? 0)
  const readsB = readsFor(steered, state?.steeredPrompt ?? 0)
  const at = color.startsWith('feature ') ? pinned.indexOf(Number(color.slice(8))) : -1
  const valuesA = readsA[at]?.values ?? []
  const valuesB = readsB[at]?.values ?? []
  const max = Math.max(0, ...valuesA, ...valuesB)
  const running = run?.running ?? false
  // one that failed before its first token, as when a model ends while it loads, leaves what was there
  const waits = running || (run?.error !== undefined && steered.tokens.length === 0)
  const seen = { baseline: own.prompt, steered: own.steeredPrompt ?? own.prompt }
  const nothing = own.interventions.length === 0
  return (
    <>
      <Pane
        title="Baseline"
        prompt={seen.baseline}
        end={running ? null : unsteered.end}
        empty={run === null ? 'What the model writes by itself.' : ''}
        kept={kept?.rows[0]?.text}
      >
        <SteeredText
          label="The baseline"
          before={beginning(seen.baseline)}
          tokens={unsteered.tokens}
          tail={waits ? (before?.rows[0]?.tokens ?? []) : []}
          shades={shadesOf(unsteered, { color, reads: valuesA, max })}
          common={difference.common[0]}
          wordsOf={(place) => tokenWords(unsteered, place, readsA)}
        />
      </Pane>
      <Pane
        title="Steered"
        accent
        prompt={seen.steered}
        end={running || nothing ? null : steered.end}
        empty={
          nothing ? 'Choose a feature to steer by.' : run === null ? 'What it writes when it is steered.' : ''
        }
        kept={nothing ? undefined : kept?.rows[1]?.text}
        strip={strip}
      >
        {!nothing && (
          <SteeredText
            label="The steered text"
            before={beginning(seen.steered)}
            tokens={steered.tokens}
            tail={waits ? (nearestRow(strip, own) ?? before?.rows[1]?.tokens ?? []) : []}
            shades={shadesOf(steered, { color, reads: valuesB, max })}
            common={difference.common[1]}
            leaves={difference.leaves}
            wordsOf={(place) => tokenWords(steered, place, readsB)}
          />
        )}
      </Pane>
    </>
  )
})

interface PaneProps {
  readonly title: string
  readonly accent?: boolean
  readonly prompt: SteeringSetup['prompt']
  readonly end: EndReason | null
  /** Said while there is nothing. */
  readonly empty: string
  /** A text from before that takes its place. */
  readonly kept: string | undefined
  readonly strip?: StripView | null
  readonly children: ReactNode
}

function Pane(props: PaneProps) {
  const { title, accent = false, prompt, end, empty, kept, strip = null, children } = props
  return (
    <section className="card steering-pane" aria-label={title} data-accent={accent || undefined}>
      <div className="card-head">
        <Title order={2}>{title}</Title>
        <span className="muted fine">{end === null ? '' : ends[end]}</span>
      </div>
      {typeof prompt !== 'string' && <Turns prompt={prompt} />}
      {strip ? (
        <Scrubbed strip={strip} before={beginning(prompt)}>
          {children}
        </Scrubbed>
      ) : (
        children
      )}
      {kept !== undefined && <p className="run-text muted">{visible(kept)}</p>}
      {kept === undefined && empty !== '' && <p className="muted">{empty}</p>}
    </section>
  )
}

const ends: Readonly<Record<EndReason, string>> = {
  eos: 'the model ended the text',
  stop: 'ended before the stop text',
  length: '',
  context: 'the context of the model is full',
}

interface ScrubbedProps {
  readonly strip: StripView
  /** At the beginning of each text. */
  readonly before: ReactNode
  readonly children: ReactNode
}

/** While a slider moves the nearest text of the strip is shown, without React: all of them lie ready. */
function Scrubbed({ strip, before, children }: ScrubbedProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(
    () =>
      scrubber.subscribe(({ place }) => {
        const own = box.current
        if (!own) return
        own.toggleAttribute('data-scrubbing', place !== null)
        for (const text of own.querySelectorAll('[data-row]')) {
          text.toggleAttribute('data-on', text.getAttribute('data-row') === String(place))
        }
      }),
    [],
  )
  return (
    <div ref={box} className="scrubbed">
      <div className="scrub-exact">{children}</div>
      {strip.strengths.map((strength, at) => {
        const row = strip.state?.rows[at + 1]
        return (
          row && (
            <div key={strength} className="scrub-text" data-row={at} aria-hidden>
              <p className="muted fine">as at {strengthWords(strength)}</p>
              {before}
              <StripText tokens={row.tokens} />
            </div>
          )
        )
      })}
    </div>
  )
}

const StripText = memo(function StripText({ tokens }: { readonly tokens: readonly ShownToken[] }) {
  return tokens.map(({ text }) => visible(text)).join('')
})

/** What stands at the beginning of a text: its prompt, or nothing for an answer. */
function beginning(prompt: SteeringSetup['prompt']) {
  return typeof prompt === 'string' ? <b>{visible(prompt)}</b> : null
}

function Turns({ prompt }: { readonly prompt: readonly Message[] }) {
  const { system, turns, message } = chatOf([...prompt])
  return (
    // what is being answered is in sight, and what was said before by scrolling
    <div className="turns-scroll" role="region" aria-label="The conversation so far" tabIndex={0}>
      <ol className="turns">
        {system !== '' && <li data-role="system">{visible(system)}</li>}
        {[...turns, { role: 'user', content: message }].map(({ role, content }, at) => (
          <li key={at} data-role={role}>
            <span className="hidden">{role === 'user' ? 'You: ' : 'The model: '}</span>
            {visible(content)}
          </li>
        ))}
      </ol>
    </div>
  )
}

/** The finished text of the strip nearest to what is computed; undefined where there is none. */
function nearestRow(strip: StripView | null, setup: SteeringSetup): readonly ShownToken[] | undefined {
  if (!strip?.state || strip.key !== stripKey(setup, strip.slider, strip.strengths)) return undefined
  const finished = strip.state.rows.slice(1).map(({ end }) => end !== null)
  const strength = setup.interventions[strip.slider]?.strength ?? 0
  const place = nearestFinished(strip.strengths, finished, strength)
  return place === null ? undefined : strip.state.rows[place + 1]?.tokens
}

function idsOf(tokens: readonly ShownToken[]): number[] {
  return tokens.map(({ id }) => id)
}

function statusWords(run: RunView | null): string {
  if (!run) return ''
  const { state, running, error, setup } = run
  if (running && (state?.waiting ?? null) !== null) return state?.waiting ?? ''
  if (running && !state) return 'Asking…'
  const lengths = (state?.rows ?? []).map(({ tokens }) => tokens.length)
  const longest = Math.max(0, ...lengths)
  const counted = `${longest} of ${setup.maxTokens} tokens`
  if (running) return counted
  if (error) return longest === 0 ? '' : `${counted} · broken off`
  if (!state?.done) return longest === 0 ? 'stopped' : `${counted} · stopped`
  const { tokensPerSecond, firstTokenMs } = state
  return [
    lengths.every((length) => length === longest)
      ? `${longest} ${longest === 1 ? 'token' : 'tokens'} each`
      : `${lengths.join(' and ')} tokens`,
    ...(tokensPerSecond === null ? [] : [`${tokensPerSecond.toFixed(1)} tokens/s together`]),
    ...(firstTokenMs === null ? [] : [`first after ${Math.round(firstTokenMs)} ms`]),
  ].join(' · ')
}
