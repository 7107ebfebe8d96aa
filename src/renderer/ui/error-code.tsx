// The code of an error, to look it up by in the troubleshooting page.
import type { ErrorData } from '../../shared/errors.ts'

export function ErrorCode({ code }: Pick<ErrorData, 'code'>) {
  return <code className="muted fine error-code">{code}</code>
}
