// Catches what a page throws, and offers the two things that help: the diagnostics and a fresh start.
import { Button, Group, Title } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { copyDiagnostics } from '../state/actions.ts'

interface Props {
  readonly children: ReactNode
}

interface State {
  readonly error: Error | null
}

export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: null }

  static getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <main className="full">
        <Failure error={error} />
      </main>
    )
  }
}

/** In place of a page that failed. */
export function Failure({ error }: { readonly error: Error }) {
  return (
    <div className="empty" role="alert">
      <Title order={1}>This page has failed</Title>
      <p className="mono">{error.message}</p>
      <p>Jobs go on running. Reloading usually helps; the diagnostics help us to mend it.</p>
      <Group>
        <Button variant="filled" onClick={() => window.location.reload()}>
          Reload
        </Button>
        <Button onClick={() => void copyDiagnostics(error.stack ?? error.message)}>Copy diagnostics</Button>
      </Group>
    </div>
  )
}
