// The workspace's settings, made from their schema and saved as they are changed; secrets; about.
import { Button, Group, PasswordInput, Stack, Title } from '@mantine/core'
import { useEffect, useState } from 'react'
import { fieldsOf } from '../../shared/config.ts'
import { settingsSchema } from '../../shared/contract/settings.ts'
import { formatBytes } from '../../shared/units.ts'
import { act, copyDiagnostics, showDone, succeeds } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { FieldInput } from '../ui/config-form.tsx'

const fields = fieldsOf(settingsSchema)

export function SettingsPage() {
  const settings = useApp((state) => state.settings)
  const host = useApp((state) => state.host)
  return (
    <div className="page">
      <div className="page-head">
        <Title order={1}>Settings</Title>
        <span className="muted">Saved with the workspace, as soon as they are changed.</span>
      </div>
      <div className="columns">
        <section className="card">
          <Title order={2}>Workspace</Title>
          <Stack>
            {settings &&
              fields.map((field) => (
                <SettingInput
                  key={field.name}
                  field={field}
                  value={settings[field.name as keyof typeof settings]}
                />
              ))}
          </Stack>
        </section>
        <Stack>
          <HuggingFaceToken />
          {host && (
            <section className="card">
              <Title order={2}>About</Title>
              <dl className="facts">
                <dt>version</dt>
                <dd>{host.version}</dd>
                <dt>workspace</dt>
                <dd className="mono">{host.workspace.path}</dd>
                <dt>free there</dt>
                <dd>
                  {host.workspace.freeBytes === null ? 'unknown' : formatBytes(host.workspace.freeBytes)}
                </dd>
              </dl>
              <Button mt="sm" onClick={() => void copyDiagnostics()}>
                Copy diagnostics
              </Button>
            </section>
          )}
        </Stack>
      </div>
    </div>
  )
}

interface SettingInputProps {
  readonly field: (typeof fields)[number]
  readonly value: unknown
}

/** Numbers are saved when the field is left, so that half-typed ones are not. */
function SettingInput({ field, value }: SettingInputProps) {
  const [draft, setDraft] = useState(value)
  useEffect(() => setDraft(value), [value])
  const typed = field.type === 'number' || field.type === 'integer' || field.type === 'text'
  async function save(next: unknown) {
    if (next === value) return
    const saved = await act('settings.set', { [field.name]: next })
    if (!saved) setDraft(value)
  }
  return (
    <div onBlur={() => typed && void save(draft)}>
      <FieldInput
        field={field}
        value={draft}
        onChange={(next) => {
          setDraft(next)
          if (!typed) void save(next)
        }}
      />
    </div>
  )
}

function HuggingFaceToken() {
  const [isSet, setIsSet] = useState<boolean>()
  const [token, setToken] = useState('')
  const kind = useApp((state) => state.host?.capabilities.secrets)
  const refresh = async () => {
    const secrets = await act('secrets.list', undefined)
    setIsSet(secrets?.some((secret) => secret.set))
  }
  useEffect(() => void refresh(), [])
  async function save() {
    if (!(await succeeds('secrets.set', { name: 'huggingface', value: token }))) return
    setToken('')
    showDone('Token saved.')
    await refresh()
  }
  async function remove() {
    await succeeds('secrets.delete', { name: 'huggingface' })
    await refresh()
  }
  return (
    <section className="card">
      <Title order={2}>Hugging Face</Title>
      <PasswordInput
        label={isSet ? 'Token (set)' : 'Token (not set)'}
        description={`For models that want a login. Kept ${kind === 'os' ? 'in the system’s key store' : 'in a file only you can read'}; never shown again.`}
        placeholder={isSet ? 'Type to replace it' : 'hf_…'}
        value={token}
        onChange={(event) => setToken(event.currentTarget.value)}
        autoComplete="off"
      />
      <Group mt="sm">
        <Button disabled={token === ''} onClick={() => void save()}>
          Save
        </Button>
        {isSet && <Button onClick={() => void remove()}>Remove</Button>}
      </Group>
    </section>
  )
}
