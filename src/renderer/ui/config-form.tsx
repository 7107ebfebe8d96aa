// A form made from the fields of a config schema; values are checked by the schema before they are handed over.
import { Button, Checkbox, Group, Select, Stack, TextInput } from '@mantine/core'
import { useEffect, useId, useMemo, useState } from 'react'
import type { z } from 'zod'
import { type Field, fieldsFor, fieldsOf } from '../../shared/config.ts'
import { HarvestInput } from './harvest-input.tsx'
import { ModelInput } from './model-input.tsx'
import { NumberField } from './number-field.tsx'
import { PathInput } from './path-input.tsx'

interface ConfigFormProps {
  readonly schema: z.ZodObject
  readonly submitLabel: string
  /** What the form begins with, beside the defaults. */
  readonly initial?: Record<string, unknown>
  /** Names of the fields that stand in sight, side by side; the others are under "More". */
  readonly main?: readonly string[]
  /** Why what is filled in cannot be done; it cannot be handed over then. */
  readonly refusal?: string | undefined
  /** Told of what is filled in, whether that is valid or not. */
  onValues?(values: Record<string, unknown>): void
  onSubmit(values: Record<string, unknown>): void | Promise<void>
  /** Without it there is nothing to cancel. */
  onCancel?(): void
}

export function ConfigForm(props: ConfigFormProps) {
  const { schema, submitLabel, initial = {}, main, refusal, onValues, onSubmit, onCancel } = props
  const [values, setValues] = useState<Record<string, unknown>>(initial)
  const all = useMemo(() => fieldsOf(schema), [schema])
  const fields = fieldsFor(all, values)
  const given = useMemo(() => counting(all, values), [all, values])
  const [errors, setErrors] = useState<Record<string, string>>({})
  const [busy, setBusy] = useState(false)
  const [more, setMore] = useState(false)
  const reason = useId()
  useEffect(() => onValues?.(given), [onValues, given])

  async function submit(event: React.SyntheticEvent) {
    event.preventDefault()
    if (refusal !== undefined) return
    const parsed = schema.safeParse(given)
    if (!parsed.success) {
      const found = parsed.error.issues.map((issue) => [String(issue.path[0]), explain(issue)])
      // what is wrong must be seen
      setMore(more || found.some(([name = '']) => main?.includes(name) === false))
      return setErrors(Object.fromEntries(found) as Record<string, string>)
    }
    setBusy(true)
    try {
      await onSubmit(parsed.data)
    } finally {
      setBusy(false)
    }
  }

  const input = (field: Field) => (
    <FieldInput
      key={field.name}
      field={field}
      value={values[field.name] ?? field.default}
      error={errors[field.name]}
      onChange={(value) => {
        // an emptied field stays empty until it is left: its default would come between what is typed
        setValues({ ...values, [field.name]: value ?? '' })
        setErrors({ ...errors, [field.name]: '' })
      }}
    />
  )
  return (
    <form onSubmit={(event) => void submit(event)} onBlur={() => setValues(withoutEmpty)} noValidate>
      <Stack>
        {main ? (
          <>
            <div className="fields">
              {main.flatMap((name) => fields.filter((field) => field.name === name)).map(input)}
            </div>
            {fields.some(({ name }) => !main.includes(name)) && (
              <details open={more} onToggle={(event) => setMore(event.currentTarget.open)}>
                <summary>More</summary>
                <div className="fields">{fields.filter(({ name }) => !main.includes(name)).map(input)}</div>
              </details>
            )}
          </>
        ) : (
          fields.map(input)
        )}
        <Group justify="flex-end">
          {refusal !== undefined && (
            <span id={reason} className="refusal">
              {refusal}
            </span>
          )}
          {onCancel && <Button onClick={onCancel}>Cancel</Button>}
          <Button
            variant="filled"
            type="submit"
            loading={busy}
            {...(refusal !== undefined && { disabled: true, 'aria-describedby': reason })}
          >
            {submitLabel}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The values without those of fields that do not count with them, and of those that are empty. */
function counting(
  fields: readonly Field[],
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const filled = withoutEmpty(values)
  const names = new Set(fieldsFor(fields, filled).map(({ name }) => name))
  return Object.fromEntries(Object.entries(filled).filter(([name]) => names.has(name)))
}

/** The very same values where none is empty. */
function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(values)
  const filled = entries.filter(([, value]) => value !== '')
  return filled.length === entries.length ? values : Object.fromEntries(filled)
}

interface FieldInputProps {
  readonly field: Field
  readonly value: unknown
  readonly error?: string | undefined
  onChange(value: unknown): void
}

/** The right input for one field. */
export function FieldInput({ field, value, error, onChange }: FieldInputProps) {
  const common = {
    label: field.label,
    description: field.help,
    error: error === '' ? undefined : error,
    // a dialog begins at its first field, not at its close button
    'data-autofocus': true,
  }
  switch (field.type) {
    case 'boolean':
      return (
        <Checkbox
          {...common}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          size="xs"
          allowDeselect={false}
          data={(field.choices ?? []).map((value) => ({ value, label: field.names?.[value] ?? value }))}
          value={typeof value === 'string' ? value : null}
          onChange={(choice) => onChange(choice)}
        />
      )
    case 'number':
    case 'integer':
      return <NumberField {...common} field={field} value={value} onChange={onChange} />
    case 'text': {
      const text = typeof value === 'string' ? value : ''
      if (field.input === 'model') return <ModelInput {...common} value={text} onChange={onChange} />
      if (field.input === 'harvest') return <HarvestInput {...common} value={text} onChange={onChange} />
      return field.input && field.input !== 'sae' ? (
        <PathInput
          {...common}
          kind={field.input}
          {...(field.extension !== undefined && { extension: field.extension })}
          value={text}
          onChange={onChange}
        />
      ) : (
        <TextInput {...common} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
      )
    }
  }
}

function explain(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' || (issue.code === 'too_small' && issue.origin === 'string'))
    return 'Please fill this in.'
  return issue.message
}
