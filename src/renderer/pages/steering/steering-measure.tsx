// Judged by many texts: how often they have what is wanted at each strength, with intervals, beside a random direction.
import {
  Button,
  Checkbox,
  NumberInput,
  Progress,
  SegmentedControl,
  Select,
  Textarea,
  TextInput,
} from '@mantine/core'
import { useState } from 'react'
import type { MeasurePoint, Rate } from '../../../shared/steering-effect.ts'
import type { SteeringSet, SteeringSetup } from '../../../shared/steering-sessions.ts'
import { chatOf } from '../../state/steering-setup.ts'
import { useDesk } from '../../state/desk.ts'
import { stop as stopTexts } from '../../state/steering.ts'
import { useCall } from '../../state/use-call.ts'
import { useRun } from '../../state/use-run.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { visible } from '../../../shared/visible.ts'
import { linesIn, type MeasureForm, measureOrderOf, strengthsIn } from './steering-measure-form.ts'
import { strengthWords } from './strength-slider.tsx'

interface SteeringMeasureProps {
  readonly setup: SteeringSetup
  /** F; undefined while it is not known. */
  readonly features: number | undefined
}

export function SteeringMeasure({ setup, features }: SteeringMeasureProps) {
  const slider = useDesk((desk) => desk.slider)
  const sets = useCall('steering.sets', undefined)
  const { state, error, running, start, stop } = useRun('steering.measure')
  const under = setup.interventions[slider]
  const [form, setForm] = useState<MeasureForm>(() => ({
    ...{ set: '', target: 'words', words: '', feature: under?.feature ?? 0, threshold: 0, above: 0 },
    ...{ prompts: chatOf(setup.prompt).message, strengths: '0, 0.5, 1', samples: 20 },
    ...{ fluent: false, random: 1 },
  }))
  const set = (changes: Partial<MeasureForm>) => setForm({ ...form, ...changes })
  if (!under) return null
  const order = measureOrderOf(setup, slider, form, features)
  const texts = linesIn(form.prompts).length * form.samples * strengthsIn(form.strengths).length
  const points = state?.points ?? []
  return (
    <details className="card steering-measure">
      <summary>
        Measure the effect{' '}
        <span className="muted fine">how often texts have what you want, beside a random direction</span>
      </summary>
      <div className="steering-measure-form">
        <div className="steering-target">
          <Chosen sets={sets.output ?? []} form={form} onForm={set} />
          <Target form={form} onForm={set} />
        </div>
        <div className="steering-target">
          <Textarea
            size="xs"
            label="Prompts"
            description="One a line."
            autosize
            minRows={3}
            maxRows={8}
            value={form.prompts}
            onChange={(event) => set({ prompts: event.currentTarget.value })}
          />
          <div className="steering-fields">
            <TextInput
              label="Strengths"
              description="With commas between."
              value={form.strengths}
              onChange={(event) => set({ strengths: event.currentTarget.value })}
            />
            <NumberInput
              label="Texts"
              description="For each prompt and strength."
              min={1}
              max={1_000}
              allowDecimal={false}
              value={form.samples}
              onChange={(value) => value !== '' && set({ samples: Number(value) })}
            />
            <NumberInput
              label="Random directions"
              description="Of equal norm, for comparison."
              min={0}
              max={16}
              allowDecimal={false}
              value={form.random}
              onChange={(value) => value !== '' && set({ random: Number(value) })}
            />
            <Checkbox
              label="Count fluent texts only"
              description="Half of the words different, no four words twice."
              checked={form.fluent}
              onChange={(event) => set({ fluent: event.currentTarget.checked })}
            />
          </div>
        </div>
      </div>
      <div className="try-row">
        {running ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <Button
            disabled={'problem' in order}
            onClick={() => {
              if ('problem' in order) return
              stopTexts()
              start(order)
            }}
          >
            Measure
          </Button>
        )}
        <span className="muted fine" role="status">
          {running && state
            ? (state.waiting ?? `${state.done} of ${state.total} texts`)
            : 'problem' in order
              ? order.problem
              : `${texts.toLocaleString('en-US')} texts of feature ${under.feature}, and as many for each random direction`}
        </span>
      </div>
      {running && (
        <Progress
          size={3}
          value={state ? (100 * state.done) / Math.max(1, state.total) : 0}
          aria-label="Measurement"
        />
      )}
      {error && error.kind !== 'cancelled' && <ErrorText error={error} />}
      {sets.error && <ErrorText error={sets.error} />}
      {points.length > 0 && <Rates points={points} />}
    </details>
  )
}

interface PartProps {
  readonly form: MeasureForm
  onForm(changes: Partial<MeasureForm>): void
}

/** A set that comes with the app fills the prompts and the words. */
function Chosen({ sets, form, onForm }: PartProps & { readonly sets: readonly SteeringSet[] }) {
  const options = sets.flatMap(({ id, title, targets }) =>
    targets.map(({ name }) => ({ value: `${id}/${name}`, label: `${title}: ${name}` })),
  )
  const chosen = sets.find(({ id }) => form.set.startsWith(`${id}/`))
  return (
    <Select
      size="xs"
      label="Set"
      description={chosen?.help ?? 'Prompts and words that come with Monoscope.'}
      placeholder="your own"
      clearable
      data={options}
      value={form.set === '' ? null : form.set}
      onChange={(value) => {
        const one = sets.find(({ id }) => value?.startsWith(`${id}/`))
        const target = one?.targets.find(({ name }) => `${one.id}/${name}` === value)
        if (!one || !target || value === null) return onForm({ set: '' })
        onForm({
          ...{ set: value, target: 'words', words: target.words.join(', ') },
          prompts: one.prompts.join('\n'),
        })
      }}
    />
  )
}

function Target({ form, onForm }: PartProps) {
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="What a text must have"
        value={form.target}
        onChange={(value) => onForm({ target: value })}
        data={[
          { value: 'words', label: 'One of these words' },
          { value: 'feature', label: 'A feature that fires' },
        ]}
      />
      {form.target === 'words' ? (
        <>
          <Textarea
            size="xs"
            aria-label="Words"
            placeholder="pain, patient, kidney"
            autosize
            minRows={2}
            maxRows={5}
            value={form.words}
            onChange={(event) => onForm({ words: event.currentTarget.value, set: '' })}
          />
          <NumberInput
            label="More than this share of its words"
            description="0 %: one is enough."
            min={0}
            max={99}
            suffix=" %"
            value={Math.round(form.above * 100)}
            onChange={(value) => value !== '' && onForm({ above: Number(value) / 100 })}
          />
        </>
      ) : (
        <div className="steering-fields">
          <NumberInput
            label="Feature"
            min={0}
            allowDecimal={false}
            value={form.feature}
            onChange={(value) => value !== '' && onForm({ feature: Number(value) })}
          />
          <NumberInput
            label="Above"
            min={0}
            value={form.threshold}
            onChange={(value) => value !== '' && onForm({ threshold: Number(value) })}
          />
        </div>
      )}
    </>
  )
}

function Rates({ points }: { readonly points: readonly MeasurePoint[] }) {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Measured rates">
      <table className="steering-table">
        <thead>
          <tr>
            {['Strength', 'Steered by the feature', 'By random directions', 'One of the texts'].map(
              (name) => (
                <th key={name}>{name}</th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {points.map(({ strength, steered, random, example }) => (
            <tr key={strength}>
              <th>{strengthWords(strength)}</th>
              <td>
                <RateBar rate={steered} />
              </td>
              <td>{random ? <RateBar rate={random} /> : <span className="muted">–</span>}</td>
              <td className="text">
                <span className="muted">{visible(example.prompt)}</span>
                {visible(example.text)} {example.hit ? <b>✓ counted</b> : <span className="muted">✗</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** A share with its interval of 95 %. */
function RateBar({ rate: { rate, low, high, hits, texts } }: { readonly rate: Rate }) {
  const percent = (share: number) => `${Math.round(100 * share)} %`
  return (
    <div className="rate">
      <span className="rate-track" aria-hidden>
        <i style={{ left: percent(low), width: `${100 * (high - low)}%` }} />
        <b style={{ left: percent(rate) }} />
      </span>
      <span>
        {percent(rate)}{' '}
        <span className="muted fine">
          {percent(low)}–{percent(high)} · {hits} of {texts}
        </span>
      </span>
    </div>
  )
}
