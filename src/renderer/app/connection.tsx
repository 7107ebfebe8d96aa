// What the page says when the host is away, or does not let it in.
import { Button, Loader, Title } from '@mantine/core'
import type { ErrorData } from '../../shared/errors.ts'
import { link, useApp } from '../state/app.ts'
import { ErrorCode } from '../ui/error-code.tsx'

/** A calm line while the page reconnects by itself. */
export function ConnectionBanner() {
  const status = useApp((state) => state.status)
  const known = useApp((state) => state.host !== null)
  if (status.state === 'open' || (status.state === 'connecting' && !known)) return null
  return (
    <div className="banner late" role="status">
      <Loader size={14} />
      <span>Monoscope does not answer; reconnecting. What you see may be out of date.</span>
      <Button onClick={() => link.retry()}>Try now</Button>
    </div>
  )
}

/** In place of a page while nothing is known yet; only seen when that takes long. */
export function Connecting() {
  return (
    <div className="empty late" role="status">
      <Loader size={20} />
      <p>Connecting to Monoscope…</p>
    </div>
  )
}

/** The whole page when trying again would not help. */
export function Refused({ reason }: { readonly reason: ErrorData }) {
  return (
    <main className="full">
      <div className="empty" role="alert">
        <Title order={1}>Monoscope did not let this page in</Title>
        <p>{reason.message}</p>
        <p>{reason.hint}</p>
        <ErrorCode code={reason.code} />
        <Button variant="filled" onClick={() => link.retry()}>
          Try again
        </Button>
      </div>
    </main>
  )
}
