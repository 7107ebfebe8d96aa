// Tries again what may work a little later, as often and after such pauses as the other side can be asked to bear.
import type { IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { cancelled } from '../../shared/errors.ts'
import { statusError } from './http.ts'

export interface Patience {
  /** Milliseconds before the second try; each further one waits twice as long, up to `LONGEST_PAUSE`. */
  readonly firstPause?: number
  readonly signal?: AbortSignal
  /** Told of each pause, in milliseconds, and why. */
  readonly onPause?: (wait: number, reason: unknown) => void
}

/** Tries in a row that bring nothing. */
const TRIES = 5
const LONGEST_PAUSE = 30_000
/** Seconds a server may ask us to wait. */
const LONGEST_WAIT = 300

/** A failure that may be over at the next try; `wait` in milliseconds when the server asked for it. */
export class Passing extends Error {
  readonly reason: unknown
  readonly wait: number | undefined
  constructor(reason: unknown, wait?: number) {
    super('This may be tried again.')
    this.reason = reason
    this.wait = wait
  }
}

/** Repeats `attempt` while it throws `Passing`; `gained` says whether the last one brought anything, so that it counts anew. */
export async function patiently<T>(
  attempt: () => Promise<T>,
  { firstPause = 1_000, signal, onPause }: Patience,
  gained: () => Promise<boolean> = () => Promise.resolve(false),
): Promise<T> {
  let failures = 0
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (signal?.aborted) throw cancelled()
      if (!(error instanceof Passing)) throw error
      failures = (await gained()) ? 1 : failures + 1
      if (failures >= TRIES) throw error.reason
      const wait = error.wait ?? Math.min(firstPause * 2 ** (failures - 1), LONGEST_PAUSE)
      onPause?.(wait, error.reason)
      await pause(wait, undefined, { ...(signal && { signal }) })
    }
  }
}

/** Why the server does not send what it was asked for: for now (`Passing`), or for good. */
export function refusal(url: string, { statusCode = 0, headers }: IncomingMessage): unknown {
  const error = statusError(url, statusCode)
  if (![408, 429, 500, 502, 503, 504].includes(statusCode)) return error
  const seconds = retryAfter(headers['retry-after'])
  if (seconds === undefined) return new Passing(error)
  return seconds > LONGEST_WAIT ? error : new Passing(error, seconds * 1000)
}

/** Seconds a `Retry-After` asks for: a number of them, or a date. */
function retryAfter(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value)) return Number(value)
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1000)
}
