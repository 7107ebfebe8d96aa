// An error where it happened: what went wrong, and what to do about it.
import type { ErrorData } from '../../shared/errors.ts'
import { ErrorCode } from './error-code.tsx'

export function ErrorText({ error }: { readonly error: ErrorData }) {
  return (
    <div className="error-text wrap" role="alert">
      <strong>{error.message}</strong> <ErrorCode code={error.code} />
      {error.hint !== undefined && <p>{error.hint}</p>}
    </div>
  )
}
