// A number's field: what is typed stays as it was typed, and is said to be wrong at once where it is.
import { TextInput } from '@mantine/core'
import { type KeyboardEvent, useState } from 'react'
import type { Field } from '../../shared/config.ts'
import { numberProblem, numberText, readNumber } from '../../shared/number-text.ts'

interface NumberFieldProps {
  readonly field: Field
  readonly label: string
  readonly description: string
  readonly error?: string | undefined
  /** A number, or text that is none. */
  readonly value: unknown
  /** Told of the number, of text that is none, or of undefined where the field is empty. */
  onChange(value: number | string | undefined): void
}

export function NumberField({ field, value, error, onChange, ...input }: NumberFieldProps) {
  const { unit = '' } = field
  const [typed, setTyped] = useState('')
  // another spelling of the value may not take the place of what was typed
  const text = readNumber(typed, unit) === value ? typed : numberText(value)

  function type(next: string) {
    setTyped(next)
    onChange(readNumber(next, unit))
  }
  function step(event: KeyboardEvent) {
    const by = { ArrowUp: 1, ArrowDown: -1 }[event.key]
    if (by === undefined || typeof value !== 'number') return
    event.preventDefault()
    if (numberProblem(field, value + by) === undefined) onChange(value + by)
  }
  return (
    <TextInput
      {...input}
      error={numberProblem(field, value) ?? error}
      inputMode="decimal"
      autoComplete="off"
      {...(typeof field.default === 'number' && { placeholder: `${numberText(field.default)} by default` })}
      {...(unit !== '' && {
        rightSection: <span className="muted unit">{unit}</span>,
        rightSectionWidth: `calc(${unit.length}ch + 12px)`,
        rightSectionPointerEvents: 'none' as const,
      })}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={step}
    />
  )
}
