// The steering sessions of the workspace: open, rename, duplicate, compare, share as a file, delete.
import { ActionIcon, Button, FileButton, Group, Modal, Select, TextInput, Tooltip } from '@mantine/core'
import { IconCopy, IconDownload, IconPencil, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { MOST_SESSION_FILE, type SessionSummary } from '../../../shared/steering-sessions.ts'
import { act, showDone, showError, succeeds } from '../../state/actions.ts'
import { saveFile } from '../../state/save-file.ts'
import { sessionNow, useDesk } from '../../state/desk.ts'
import { open } from '../../state/steering.ts'
import { useCall } from '../../state/use-call.ts'
import { useStream } from '../../state/use-stream.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { ErrorText } from '../../ui/error-text.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { settingWords } from './setting-words.ts'
import { strengthWords } from './strength-slider.tsx'

interface SteeringSessionsProps {
  readonly opened: boolean
  onClose(): void
}

export function SteeringSessions({ opened, onClose }: SteeringSessionsProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Steering sessions" size="xl">
      <Sessions onClose={onClose} />
    </Modal>
  )
}

function Sessions({ onClose }: { onClose(): void }) {
  const { state: sessions, error } = useStream('steering.watchSessions', undefined)
  const own = useDesk((desk) => desk.session?.id)
  const [a, setA] = useState<string | null>(own ?? null)
  const [b, setB] = useState<string | null>(null)
  async function read(file: File | null) {
    if (!file) return
    if (file.size > MOST_SESSION_FILE) {
      return showError({
        ...{ kind: 'expected', code: 'steering/session-file' },
        message: `${file.name} is too large to be a session.`,
      })
    }
    const made = await act('steering.importSession', { text: await file.text() })
    if (!made) return
    await open(made.id)
    showDone(`Opened ${made.name}.`)
    onClose()
  }
  const options = (sessions ?? []).map(({ id, name }) => ({ value: id, label: name }))
  return (
    <div className="sessions">
      <Group justify="space-between">
        <span className="muted">
          {sessions?.length === 0
            ? 'None yet: “Save…” keeps what is on the desk under a name.'
            : 'A click opens one; what is on the desk of its SAE and not saved is gone then.'}
        </span>
        <FileButton accept=".json,application/json" onChange={(file) => void read(file)}>
          {(props) => <Button {...props}>Open a file…</Button>}
        </FileButton>
      </Group>
      {error && <ErrorText error={error} />}
      <ul aria-label="Sessions">
        {(sessions ?? []).map((session) => (
          <SessionRow key={session.id} session={session} own={session.id === own} onClose={onClose} />
        ))}
      </ul>
      {options.length > 1 && (
        <section aria-label="Compare two sessions">
          <Group gap="xs">
            <span className="muted">Compare</span>
            <Select
              size="xs"
              aria-label="One session"
              placeholder="a session"
              data={options}
              value={a}
              onChange={setA}
            />
            <span className="muted">with</span>
            <Select
              size="xs"
              aria-label="Another session"
              placeholder="another session"
              data={options.filter(({ value }) => value !== a)}
              value={b}
              onChange={setB}
            />
          </Group>
          {a !== null && b !== null && a !== b && <Comparison a={a} b={b} />}
        </section>
      )}
    </div>
  )
}

interface SessionRowProps {
  readonly session: SessionSummary
  readonly own: boolean
  onClose(): void
}

function SessionRow({ session, own, onClose }: SessionRowProps) {
  const { id, name, prompt, interventions, runs, changedAt } = session
  const [renaming, setRenaming] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const features = interventions
    .map(({ feature, mode, strength }) => `${feature} ${mode === 'ablate' ? mode : strengthWords(strength)}`)
    .join(', ')
  async function share() {
    const file = await act('steering.exportSession', { id })
    if (file) saveFile(file.name, new Blob([file.text], { type: 'application/json' }))
  }
  async function remove() {
    if (!(await succeeds('steering.removeSession', { id }))) return
    sessionNow(id, null)
  }
  if (renaming) {
    return (
      <li>
        <TextInput
          className="grow"
          aria-label={`New name of ${name}`}
          autoFocus
          maxLength={200}
          defaultValue={name}
          onKeyDown={(event) => {
            event.stopPropagation()
            if (event.key === 'Escape') setRenaming(false)
            if (event.key === 'Enter') event.currentTarget.blur()
          }}
          onBlur={(event) => {
            const text = event.currentTarget.value.trim()
            setRenaming(false)
            if (text === '' || text === name) return
            void act('steering.saveSession', { id, name: text }).then((saved) => {
              if (saved) sessionNow(id, saved.name)
            })
          }}
        />
      </li>
    )
  }
  return (
    <li data-own={own || undefined}>
      <button type="button" className="session" onClick={() => void open(id).then(onClose)}>
        <b className="cut">{name}</b>
        <span className="muted cut">
          {[features, `“${prompt}”`].filter((part) => part !== '').join(' · ')}
        </span>
        <span className="muted fine">
          {runs} {runs === 1 ? 'text' : 'texts'} · {formatTime(changedAt)}
        </span>
      </button>
      <Act label={`Rename ${name}`} onClick={() => setRenaming(true)}>
        <IconPencil size={15} />
      </Act>
      <Act label={`Duplicate ${name}`} onClick={() => void act('steering.duplicateSession', { id })}>
        <IconCopy size={15} />
      </Act>
      <Act label={`Share ${name} as a file`} onClick={() => void share()}>
        <IconDownload size={15} />
      </Act>
      <Act label={`Delete ${name}…`} onClick={() => setDeleting(true)}>
        <IconTrash size={15} />
      </Act>
      <DeleteDialog
        title={`Delete the session “${name}”?`}
        opened={deleting}
        onClose={() => setDeleting(false)}
        onDelete={remove}
      >
        <p className="lead">
          Its setup and the {runs === 1 ? 'text' : `${runs} texts`} of its history are deleted. This cannot be
          undone.
        </p>
      </DeleteDialog>
    </li>
  )
}

interface ActProps {
  readonly label: string
  readonly children: React.ReactNode
  onClick(): void
}

function Act({ label, children, onClick }: ActProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={onClick}>
        {children}
      </ActionIcon>
    </Tooltip>
  )
}

function Comparison({ a, b }: { readonly a: string; readonly b: string }) {
  const { output, error } = useCall('steering.compareSessions', { a, b })
  const [one, other] = [
    useCall('steering.session', { id: a }).output,
    useCall('steering.session', { id: b }).output,
  ]
  if (error) return <ErrorText error={error} />
  if (!output || !one || !other) return null
  const last = (session: typeof one) => session.history[0]?.rows.at(-1)?.text ?? '–'
  return (
    <table className="steering-table">
      <thead>
        <tr>
          <th>{output.length === 0 ? 'No setting differs' : 'What differs'}</th>
          <th>{one.name}</th>
          <th>{other.name}</th>
        </tr>
      </thead>
      <tbody>
        {output.map(({ name, a: left, b: right }) => (
          <tr key={name}>
            <th>{settingWords(name)}</th>
            <td>{left}</td>
            <td>{right}</td>
          </tr>
        ))}
        <tr>
          <th>Last steered text</th>
          <td className="text">{last(one)}</td>
          <td className="text">{last(other)}</td>
        </tr>
      </tbody>
    </table>
  )
}
