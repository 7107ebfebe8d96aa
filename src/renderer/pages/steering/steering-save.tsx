// The dialogs that keep what is on the steering desk: under a name, and before an empty desk takes its place.
import { Button, Group, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import { LONGEST_NAME } from '../../../shared/steering-sessions.ts'
import { useDesk } from '../../state/desk.ts'
import { beginAnew, save, saveAs } from '../../state/steering.ts'

interface SteeringSaveProps {
  readonly opened: boolean
  onClose(): void
}

export function SteeringSave({ opened, onClose }: SteeringSaveProps) {
  const session = useDesk((desk) => desk.session)
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={session ? 'Save as a new session' : 'Save as a session'}
      size="sm"
    >
      <SaveForm onClose={onClose} />
    </Modal>
  )
}

function SaveForm({ onClose }: { onClose(): void }) {
  const session = useDesk((desk) => desk.session)
  const [name, setName] = useState(session ? `${session.name} 2` : '')
  async function submit(event: React.SyntheticEvent) {
    event.preventDefault()
    if (await saveAs(name)) onClose()
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <p className="muted lead">
        Keeps the prompt, the features, all knobs, and the history of completions.
        {session && ` “${session.name}” stays as it was saved.`}
      </p>
      <TextInput
        label="Name"
        data-autofocus
        maxLength={LONGEST_NAME}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button variant="filled" type="submit" disabled={name.trim() === ''}>
          Save
        </Button>
      </Group>
    </form>
  )
}

interface SteeringNewProps extends SteeringSaveProps {
  /** Asks for a name first. */
  onSave(): void
}

export function SteeringNew({ opened, onClose, onSave }: SteeringNewProps) {
  const session = useDesk((desk) => desk.session)
  const begin = () => {
    beginAnew()
    onClose()
  }
  async function saveFirst() {
    if (await save()) begin()
  }
  return (
    <Modal opened={opened} onClose={onClose} title="Begin with an empty desk?">
      <p className="lead">
        {session
          ? `What was changed since “${session.name}” was saved is not in it, and is gone then.`
          : 'The features, the prompt and the history on the desk are in no session, and are gone then.'}
      </p>
      <Group justify="flex-end" mt="md">
        <Button onClick={onClose}>Cancel</Button>
        <Button color="red" onClick={begin}>
          Without saving
        </Button>
        <Button variant="filled" onClick={session ? () => void saveFirst() : onSave}>
          {session ? 'Save it first' : 'Save…'}
        </Button>
      </Group>
    </Modal>
  )
}
