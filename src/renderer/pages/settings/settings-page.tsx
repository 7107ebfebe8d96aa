// The workspace's settings, made from their schema and saved as they are changed; secrets; about.
import { Button, Stack, Title } from '@mantine/core'
import { useEffect, useState } from 'react'
import { type Field, fieldsOf } from '../../../shared/config.ts'
import { settingsSchema } from '../../../shared/contract/settings.ts'
import { toErrorData } from '../../../shared/errors.ts'
import { numberProblem } from '../../../shared/number-text.ts'
import { formatBytes } from '../../../shared/units.ts'
import { copyDiagnostics } from '../../state/actions.ts'
import { link, useApp } from '../../state/app.ts'
import { FieldInput } from '../../ui/config-form.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { DemoCard } from './demo-card.tsx'
import { HuggingFaceToken } from './hugging-face-token.tsx'

const fields = fieldsOf(settingsSchema)

export function SettingsPage() {
  const settings = useApp((state) => state.settings)
  return (
    <div className="page">
      <PageHead title="Settings" note="Saved with the workspace, as soon as they are changed." />
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
          <DemoCard />
          <About />
        </Stack>
      </div>
    </div>
  )
}

/** Milliseconds "Saved" is shown. */
const SAVED = 2_000

/** Numbers are saved when the field is left or Enter is pressed, so that half-typed ones are not. */
function SettingInput({ field, value }: { readonly field: Field; readonly value: unknown }) {
  const [draft, setDraft] = useState(value)
  const [error, setError] = useState<string>()
  const [saved, setSaved] = useState(false)
  useEffect(() => setDraft(value), [value])
  useEffect(() => {
    if (!saved) return
    const timer = setTimeout(() => setSaved(false), SAVED)
    return () => clearTimeout(timer)
  }, [saved])
  const number = field.type === 'number' || field.type === 'integer'
  const typed = number || field.type === 'text'
  async function save(next: unknown) {
    if (next === value) return setError(undefined)
    if (next === undefined) return setError('Please fill this in.')
    // which the field says itself
    if (number && numberProblem(field, next) !== undefined) return setError(undefined)
    try {
      await link.call('settings.set', { [field.name]: next })
      setError(undefined)
      setSaved(true)
    } catch (thrown) {
      // what was typed stays, so that it can be corrected
      const { message, hint } = toErrorData(thrown)
      setError([message, hint].filter(Boolean).join(' '))
    }
  }
  return (
    <div
      className="setting"
      onBlur={() => typed && void save(draft)}
      onKeyDown={(event) => event.key === 'Enter' && typed && void save(draft)}
    >
      <FieldInput
        field={field}
        value={draft}
        error={error}
        onChange={(next) => {
          setDraft(next)
          if (!typed) void save(next)
        }}
      />
      <span className="saved" role="status">
        {saved && 'Saved'}
      </span>
    </div>
  )
}

function About() {
  const host = useApp((state) => state.host)
  if (!host) return null
  const { path, freeBytes } = host.workspace
  return (
    <section className="card">
      <Title order={2}>About</Title>
      <Facts>
        <Fact name="version" value={`${host.version} (${host.kind})`} />
        <Fact name="running since" value={formatTime(host.startedAt)} />
        <Fact name="workspace" value={path} path={path} exact />
        <Fact name="free there" value={freeBytes === null ? 'unknown' : formatBytes(freeBytes)} />
      </Facts>
      <Button mt="sm" onClick={() => void copyDiagnostics()}>
        Copy diagnostics
      </Button>
    </section>
  )
}
