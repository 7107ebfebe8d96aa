// What can be done with a model: give it another name, or remove it after a question that says what becomes of its files.
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Model } from '../../../shared/models.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { DeleteAnswers } from '../../ui/delete-answers.tsx'

export function ModelButtons({ model }: { readonly model: Model }) {
  const [naming, name] = useDisclosure(false)
  const [asking, question] = useDisclosure(false)
  return (
    <>
      <Button onClick={name.open}>Rename…</Button>
      <Button onClick={question.open}>Remove…</Button>
      <Modal opened={naming} onClose={name.close} title="Rename this model">
        <NameForm model={model} onClose={name.close} />
      </Modal>
      <Modal opened={asking} onClose={question.close} title={`Remove ${model.name}?`}>
        <RemoveQuestion model={model} onClose={question.close} />
      </Modal>
    </>
  )
}

interface DialogProps {
  readonly model: Model
  onClose(): void
}

function NameForm({ model, onClose }: DialogProps) {
  const [text, setText] = useState(model.name)
  async function save(event: React.SyntheticEvent) {
    event.preventDefault()
    if (await act('models.rename', { id: model.id, name: text })) onClose()
  }
  return (
    <form onSubmit={(event) => void save(event)}>
      <TextInput
        label="Name"
        description={`Its id stays ${model.id}.`}
        value={text}
        maxLength={100}
        data-autofocus
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" type="submit" disabled={text.trim() === ''}>
          Rename
        </Button>
      </Group>
    </form>
  )
}

function RemoveQuestion({ model, onClose }: DialogProps) {
  const navigate = useNavigate()
  const { id, linkedTo, ownBytes } = model
  async function remove() {
    const removed = await act('models.remove', { id })
    if (!removed) return
    showDone(`Removed; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/models' })
  }
  return (
    <>
      {linkedTo === null ? (
        <p className="lead">
          Its files are deleted from the workspace, which frees {formatBytes(ownBytes)}. This cannot be
          undone.
        </p>
      ) : (
        <p className="lead wrap">
          Only the link is removed ({formatBytes(ownBytes)}). The files in{' '}
          <span className="mono">{linkedTo}</span> stay as they are.
        </p>
      )}
      <DeleteAnswers verb="Remove" onKeep={onClose} onDelete={remove} />
    </>
  )
}
