// The token for models that want a login: set, replaced, removed, and never shown.
import { Button, Group, PasswordInput, Title } from '@mantine/core'
import { useState } from 'react'
import { showDone, succeeds } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'

export function HuggingFaceToken() {
  const secrets = useCall('secrets.list', undefined)
  const [token, setToken] = useState('')
  const kind = useApp((state) => state.host?.capabilities.secrets)
  const isSet = secrets.output?.some(({ set }) => set) ?? false
  async function save(event: React.SyntheticEvent) {
    event.preventDefault()
    if (!(await succeeds('secrets.set', { name: 'huggingface', value: token.trim() }))) return
    setToken('')
    showDone('Token saved.')
    secrets.refresh()
  }
  async function remove() {
    if (await succeeds('secrets.delete', { name: 'huggingface' })) showDone('Token removed.')
    secrets.refresh()
  }
  return (
    <section className="card">
      <Title order={2}>Hugging Face</Title>
      <form onSubmit={(event) => void save(event)}>
        <PasswordInput
          label={isSet ? 'Token (set)' : 'Token (not set)'}
          description={`For models that want a login. Kept ${kind === 'os' ? 'in the system’s key store' : 'in a file only you can read'}; never shown again.`}
          placeholder={isSet ? 'Type to replace it' : 'hf_…'}
          value={token}
          error={secrets.error?.message}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="off"
        />
        <Group mt="sm">
          <Button type="submit" disabled={token.trim() === ''}>
            Save
          </Button>
          {isSet && <Button onClick={() => void remove()}>Remove</Button>}
        </Group>
      </form>
    </section>
  )
}
