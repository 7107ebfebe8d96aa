// A set of prompts that is made or changed: its name and its prompts, and the translations of a parallel one.
import { Button, Modal, Switch, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { PromptSet } from '../../../shared/prompt-lab.ts'
import { act } from '../../state/actions.ts'
import { promptLines, typedPrompts } from './lab-rows.ts'

interface LabEditorProps {
  /** Null for a new one. */
  readonly id: string | null
  readonly set: PromptSet | null
  onSaved(id: string): void
  onClose(): void
}

export function LabEditor({ id, set, onSaved, onClose }: LabEditorProps) {
  const [name, setName] = useState(set?.name ?? '')
  const [first, setFirst] = useState(promptLines(set?.prompts ?? []))
  const [second, setSecond] = useState(promptLines(set?.parallel?.translations ?? []))
  const [parallel, setParallel] = useState(set?.parallel != null)
  const [languages, setLanguages] = useState<readonly [string, string]>(
    set?.parallel?.languages ?? ['en', 'es'],
  )
  const prompts = typedPrompts(first)
  const translations = typedPrompts(second)
  const uneven = parallel && prompts.length !== translations.length
  async function save() {
    const saved = await act('lab.saveSet', {
      id,
      set: {
        ...{ name, prompts, source: set?.source ?? '' },
        parallel: parallel ? { translations, languages: [...languages] } : null,
      },
    })
    if (saved) onSaved(saved.id)
  }
  const textOf = (value: string, onChange: (value: string) => void, label: string) => (
    <Textarea
      size="xs"
      label={label}
      minRows={10}
      maxRows={18}
      autosize
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
  return (
    <Modal opened onClose={onClose} title={id === null ? 'New set of prompts' : 'Change the set'} size="xl">
      <div className="lab-editor">
        <TextInput
          size="xs"
          label="Name"
          maxLength={120}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Switch
          size="xs"
          label="In two languages"
          checked={parallel}
          onChange={(event) => setParallel(event.currentTarget.checked)}
        />
        {parallel && (
          <div className="lab-pair">
            {languages.map((language, at) => (
              <TextInput
                key={at}
                size="xs"
                label={at === 0 ? 'First language' : 'Second language'}
                value={language}
                onChange={(event) => {
                  const typed = event.currentTarget.value
                  setLanguages(at === 0 ? [typed, languages[1]] : [languages[0], typed])
                }}
              />
            ))}
          </div>
        )}
        <div className={parallel ? 'lab-pair' : undefined}>
          {textOf(first, setFirst, parallel ? `Prompts in ${languages[0]}` : 'Prompts')}
          {parallel && textOf(second, setSecond, `The same in ${languages[1]}, in the same order`)}
        </div>
        <p className="muted fine" role="status">
          {prompts.length} prompts{parallel && ` and ${translations.length} translations`}
          {uneven
            ? ': every prompt needs its translation.'
            : '. A prompt a line; with lines of "---" between them a prompt can have several lines.'}
        </p>
        <div className="lab-buttons">
          <Button variant="default" size="xs" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="xs"
            variant="filled"
            disabled={name.trim() === '' || prompts.length === 0 || uneven}
            onClick={() => void save()}
          >
            Save
          </Button>
        </div>
      </div>
    </Modal>
  )
}
