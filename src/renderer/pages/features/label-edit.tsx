// A label that is changed in place: a click or a key makes it a field, Enter keeps what was typed, Escape does not.
import { ActionIcon, TextInput } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useState } from 'react'
import { act } from '../../state/actions.ts'

interface LabelEditProps {
  readonly sae: string
  readonly feature: number
  readonly label: string
  /** Said where there is no label. */
  readonly instead: string
  readonly editing: boolean
  onEditing(editing: boolean): void
}

export function LabelEdit({ sae, feature, label, instead, editing, onEditing }: LabelEditProps) {
  if (editing) {
    return <Field sae={sae} feature={feature} label={label} onDone={() => onEditing(false)} />
  }
  return (
    <span className="label-edit">
      {label === '' ? (
        <span className="muted cut">{instead}</span>
      ) : (
        <bdi className="cut" title={label}>
          {label}
        </bdi>
      )}
      <ActionIcon
        size="xs"
        aria-label={`Label feature ${feature}`}
        // a click on the row would open it as well
        onClick={(event) => {
          event.stopPropagation()
          onEditing(true)
        }}
      >
        <IconPencil size={13} />
      </ActionIcon>
    </span>
  )
}

interface FieldProps extends Pick<LabelEditProps, 'sae' | 'feature' | 'label'> {
  onDone(): void
}

function Field({ sae, feature, label, onDone }: FieldProps) {
  const [typed, setTyped] = useState(label)
  async function keep() {
    const text = typed.trim()
    onDone()
    if (text !== label) await act('features.annotate', { sae, feature, label: text })
  }
  return (
    <TextInput
      className="label-field"
      aria-label={`Label of feature ${feature}`}
      placeholder="What it fires on"
      size="xs"
      maxLength={500}
      autoFocus
      value={typed}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation()
        if (event.key === 'Enter') void keep()
        if (event.key === 'Escape') onDone()
      }}
      onBlur={() => void keep()}
    />
  )
}
