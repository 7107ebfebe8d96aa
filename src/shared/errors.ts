// The three things that can go wrong (cancelled, expected, bug) and how they cross a process border as data.

/** cancelled: somebody asked for the end; expected: the user can act on it; bug: we were wrong. */
export type ErrorKind = 'cancelled' | 'expected' | 'bug'

/** An error as it travels between processes and is stored with a job. */
export interface ErrorData {
  readonly kind: ErrorKind
  /** Stable and machine-readable, `noun/what-is-wrong`, e.g. `workspace/held`. */
  readonly code: string
  /** One sentence for a person: what happened, with the values involved. */
  readonly message: string
  /** One sentence for a person: what to do about it. */
  readonly hint?: string
  /** The message (and for bugs the stack) of what caused it. */
  readonly cause?: string
}

/** The one error class of the product; everything else that is thrown is a bug. */
export class MonoscopeError extends Error {
  override readonly name = 'MonoscopeError'
  readonly kind: ErrorKind
  readonly code: string
  readonly hint: string | undefined

  constructor(data: ErrorData) {
    super(data.message, data.cause === undefined ? undefined : { cause: data.cause })
    this.kind = data.kind
    this.code = data.code
    this.hint = data.hint
  }
}

/** An error the user can act on. `hint` says how; `cause` is kept for diagnostics. */
export function expected(code: string, message: string, hint?: string, cause?: unknown): MonoscopeError {
  return new MonoscopeError({
    kind: 'expected',
    code,
    message,
    ...(hint !== undefined && { hint }),
    ...(cause !== undefined && { cause: causeText(cause) }),
  })
}

/** The error of work that was asked to stop. */
export function cancelled(message = 'Cancelled.'): MonoscopeError {
  return new MonoscopeError({ kind: 'cancelled', code: 'cancelled', message })
}

/** Any thrown value as data: a `MonoscopeError` keeps its code, an abort is a cancellation, the rest is a bug. */
export function toErrorData(thrown: unknown): ErrorData {
  if (thrown instanceof MonoscopeError) {
    return {
      kind: thrown.kind,
      code: thrown.code,
      message: thrown.message,
      ...(thrown.hint !== undefined && { hint: thrown.hint }),
      ...(thrown.cause !== undefined && { cause: causeText(thrown.cause) }),
    }
  }
  if (thrown instanceof Error && thrown.name === 'AbortError') return toErrorData(cancelled())
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return {
    kind: 'bug',
    code: 'bug',
    message: `Something went wrong inside Monoscope: ${message}`,
    hint: 'Copy the diagnostics and report it.',
    cause: causeText(thrown),
  }
}

/** The error that `toErrorData` described, on the other side of the border. */
export function fromErrorData(data: ErrorData): MonoscopeError {
  return new MonoscopeError(data)
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
}
