// The knobs of sampling, folded away: everything beside prompt and features that fixes a text.
import { Checkbox, SegmentedControl, type SegmentedControlProps, TextInput } from '@mantine/core'
import { useState } from 'react'
import { fieldsOf } from '../../../shared/config.ts'
import { knobsSchema } from '../../../shared/generation.ts'
import type { SteeringSetup } from '../../../shared/steering-sessions.ts'
import { change } from '../../state/steering.ts'
import { presetNames, presetOf, withPreset } from '../../state/steering-setup.ts'
import { FieldInput } from '../../ui/config-form.tsx'
import { SteeringPlaceForm } from './steering-place.tsx'

const fields = fieldsOf(knobsSchema)

export function SteeringKnobs({ setup }: { readonly setup: SteeringSetup }) {
  const { sampling, maxTokens, stop, precision, special } = setup
  /** What was typed and is not valid yet, by field. */
  const [typed, setTyped] = useState<Record<string, unknown>>({})
  const knobs: Record<string, unknown> = { ...sampling, maxTokens, ...typed }
  const preset = presetOf(sampling)
  const set = (name: string, value: unknown) => {
    const wanted = knobsSchema.safeParse({ ...knobs, [name]: value })
    if (value === undefined || !wanted.success) return setTyped({ ...typed, [name]: value })
    setTyped({})
    const { maxTokens: length, ...rest } = wanted.data
    change({ ...setup, sampling: rest, maxTokens: length }, { movement: `knob ${name}` })
  }
  return (
    <details className="card steering-knobs">
      <summary>
        Sampling{' '}
        <span className="muted fine">
          {preset ?? `T ${sampling.temperature}`} · seed {sampling.seed} · {maxTokens} tokens
        </span>
      </summary>
      <div className="steering-fields">
        <Choice
          label="Preset"
          value={preset ?? ''}
          data={[...presetNames]}
          onChange={(name) => {
            setTyped({})
            change(withPreset(setup, name), { runs: true })
          }}
        />
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={knobs[field.name]}
            onChange={(value) => set(field.name, value)}
          />
        ))}
        <TextInput
          label="Stop"
          description="The text ends before this; \n is the end of a line."
          value={(stop[0] ?? '').replaceAll('\n', '\\n')}
          onChange={(event) => {
            const text = event.currentTarget.value.replaceAll('\\n', '\n')
            change({ ...setup, stop: text === '' ? [] : [text] }, { movement: 'stop' })
          }}
        />
        <Checkbox
          label="Steer special tokens, too"
          description="By default those of a text are (its beginning), and those of a chat are not."
          checked={special ?? typeof setup.prompt === 'string'}
          onChange={(event) => change({ ...setup, special: event.currentTarget.checked }, { runs: true })}
        />
        <Choice
          label="Precision"
          value={precision}
          data={[
            { value: 'auto', label: 'Full' },
            { value: 'int4', label: 'int4' },
          ]}
          onChange={(value) => change({ ...setup, precision: value }, { runs: true })}
        />
        <SteeringPlaceForm setup={setup} />
      </div>
    </details>
  )
}

interface ChoiceProps<T extends string> extends Pick<
  SegmentedControlProps<T>,
  'value' | 'data' | 'onChange'
> {
  readonly label: string
}

function Choice<T extends string>({ label, ...choice }: ChoiceProps<T>) {
  return (
    <div>
      <span className="muted fine">{label}</span>
      <SegmentedControl fullWidth size="xs" aria-label={label} {...choice} />
    </div>
  )
}
