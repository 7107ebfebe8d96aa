// What a toast says about an error: what to do about it, and a way to pass the details on.
import { Button } from '@mantine/core'
import type { ErrorData } from '../../shared/errors.ts'
import { ErrorCode } from './error-code.tsx'

interface ErrorToastProps {
  readonly error: ErrorData
  onCopy(): void
}

export function ErrorToast({ error, onCopy }: ErrorToastProps) {
  return (
    <>
      <div>{error.hint}</div>
      <div className="error-foot">
        <Button size="compact-xs" onClick={onCopy}>
          Copy details
        </Button>
        <ErrorCode code={error.code} />
      </div>
    </>
  )
}
