// The sets of prompts: which one is run, which one it is contrasted with, and what can be done with each.
import { Button, FileButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import type { ListedSet, PromptSet } from '../../../shared/prompt-lab.ts'
import { act, succeeds } from '../../state/actions.ts'
import { LabEditor } from './lab-editor.tsx'
import { saveFile } from '../../state/save-file.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'

interface LabSetsProps {
  readonly sets: readonly ListedSet[]
  readonly chosen: ListedSet | undefined
  onChoose(id: string): void
}

interface Editing {
  readonly id: string | null
  readonly set: PromptSet | null
}

export function LabSets({ sets, chosen, onChoose }: LabSetsProps) {
  const [editing, setEditing] = useState<Editing>()
  const [asking, question] = useDisclosure(false)
  async function take(file: File | null) {
    if (!file) return
    const set = await act('lab.importSet', { text: await file.text() })
    if (set) onChoose(set.id)
  }
  async function edit({ id }: ListedSet) {
    const set = await act('lab.set', { id })
    if (set) setEditing({ id, set })
  }
  async function duplicate({ id }: ListedSet) {
    const copy = await act('lab.duplicateSet', { id })
    if (copy) onChoose(copy.id)
  }
  async function save({ id }: ListedSet) {
    const file = await act('lab.exportSet', { id })
    if (file) saveFile(`${file.name}.json`, new Blob([file.text], { type: 'application/json' }))
  }
  async function remove({ id }: ListedSet) {
    if (await succeeds('lab.removeSet', { id })) question.close()
  }
  return (
    <section className="card lab-sets" aria-label="Sets of prompts">
      <div className="lab-buttons">
        <Button size="compact-xs" onClick={() => setEditing({ id: null, set: null })}>
          New set…
        </Button>
        <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
          {(props) => (
            <Button {...props} size="compact-xs">
              Import…
            </Button>
          )}
        </FileButton>
      </div>
      <ul>
        {sets.map((set) => (
          <li key={set.id}>
            <button type="button" aria-pressed={set.id === chosen?.id} onClick={() => onChoose(set.id)}>
              <bdi className="cut">{set.name}</bdi>
              <small className="muted">
                {set.languages
                  ? `${set.prompts} pairs · ${set.languages.join(' and ')}`
                  : `${set.prompts} ${set.prompts === 1 ? 'prompt' : 'prompts'}`}
                {set.starter && ' · built in'}
              </small>
            </button>
          </li>
        ))}
      </ul>
      {chosen && (
        <div className="lab-buttons" role="group" aria-label={`The set ${chosen.name}`}>
          {!chosen.starter && (
            <Button size="compact-xs" onClick={() => void edit(chosen)}>
              Edit…
            </Button>
          )}
          <Button size="compact-xs" onClick={() => void duplicate(chosen)}>
            Duplicate
          </Button>
          <Button size="compact-xs" onClick={() => void save(chosen)}>
            Export
          </Button>
          {!chosen.starter && (
            <Button size="compact-xs" color="red" onClick={question.open}>
              Delete…
            </Button>
          )}
        </div>
      )}
      {chosen && (
        <DeleteDialog
          title={`Delete the set “${chosen.name}”?`}
          opened={asking}
          onClose={question.close}
          onDelete={() => remove(chosen)}
        >
          <p className="lead">
            Its prompts are deleted. Runs that were made with it keep their own copy. This cannot be undone.
          </p>
        </DeleteDialog>
      )}
      {editing && (
        <LabEditor
          {...editing}
          onClose={() => setEditing(undefined)}
          onSaved={(id) => {
            setEditing(undefined)
            onChoose(id)
          }}
        />
      )}
    </section>
  )
}
