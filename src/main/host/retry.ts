// When a job whose process crashed is tried again: after 1, 4, 16 … seconds, and not for ever.
import type { ErrorData } from '../../shared/errors.ts'

const LONGEST = 60_000

/** Milliseconds to wait before restart number `restart` (1, 2, 3 …). */
export function retryDelay(restart: number): number {
  return Math.min(LONGEST, 1_000 * 4 ** (restart - 1))
}

/** The last crash of a job that was restarted `restarts` times, said as such. */
export function crashLoop(last: ErrorData, restarts: number): ErrorData {
  return {
    ...last,
    code: 'job/crash-loop',
    message: `${last.message} It was restarted ${restarts} ${restarts === 1 ? 'time' : 'times'} and crashed each time.`,
    hint: 'See its log for the cause. Resume tries it again from its last complete piece of work.',
  }
}
