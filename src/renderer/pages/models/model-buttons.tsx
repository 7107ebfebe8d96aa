// What can be done with a model: give it another name, or remove it after a question that says what becomes of its files.
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { Model } from '../../../shared/models.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { isReadBy } from '../../state/use-dependants.ts'
import { useSaes } from '../../state/use-saes.ts'
import { useStream } from '../../state/use-stream.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { Dependants } from '../../ui/dependants.tsx'
import { saeName } from '../../ui/sae-words.ts'

export function ModelButtons({ model }: { readonly model: Model }) {
  const [naming, name] = useDisclosure(false)
  const [asking, question] = useDisclosure(false)
  const navigate = useNavigate()
  async function remove() {
    const removed = await act('models.remove', { id: model.id })
    if (!removed) return
    showDone(`Removed; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/models' })
  }
  return (
    <>
      <Button onClick={name.open}>Rename…</Button>
      <Button onClick={question.open}>Remove…</Button>
      <Modal opened={naming} onClose={name.close} title="Rename this model">
        <NameForm model={model} onClose={name.close} />
      </Modal>
      <DeleteDialog
        title={`Remove ${model.name}?`}
        verb="Remove"
        opened={asking}
        onClose={question.close}
        onDelete={remove}
      >
        <RemoveQuestion model={model} />
      </DeleteDialog>
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

function RemoveQuestion({ model }: Pick<DialogProps, 'model'>) {
  const { linkedTo, ownBytes } = model
  const { state: harvests } = useStream('harvests.watch', undefined)
  const { output: saes } = useSaes()
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
      <Dependants names={harvests?.filter((harvest) => isReadBy(harvest, model)).map(({ id }) => id) ?? []}>
        Harvests made with it; they stay, and no SAE on them can be spliced into it until it is here again:
      </Dependants>
      <Dependants names={saes?.filter(({ done }) => done?.model === model.name).map(saeName) ?? []}>
        SAEs of it; they stay, and neither steer nor read a text without it:
      </Dependants>
      <p className="muted">Reports are copies and stay as they are.</p>
    </>
  )
}
