// A job in words: how far, how fast, how long; pure, so that lists and pages say the same.
import type { Job } from '../../shared/jobs/job.ts'
import type { Progress } from '../../shared/jobs/progress.ts'
import { formatQuantity, formatSeconds } from '../../shared/units.ts'

/** What is being done and how much of it is done. */
export function amountWords(progress: Progress): string {
  switch (progress.phase) {
    case 'waiting':
      return 'Waiting'
    case 'finished':
      return 'Finished'
    case 'measuring':
      return `${progress.step} · ${formatQuantity(progress.found, progress.unit)} so far`
    case 'working': {
      const { step, unit, done, total } = progress
      return `${step} · ${formatQuantity(done, unit)} of ${formatQuantity(total, unit)}`
    }
  }
}

/** "569 MB/s", or empty while it is unknown. */
export function rateWords(progress: Progress): string {
  if (progress.phase !== 'working' || !progress.perSecond) return ''
  return `${formatQuantity(progress.perSecond, progress.unit)}/s`
}

/** "4.8 s", or empty while it is unknown. */
export function leftWords(progress: Progress): string {
  if (progress.phase !== 'working' || progress.secondsLeft === null) return ''
  return formatSeconds(progress.secondsLeft)
}

/** All of it in one line; a job that does not run has no rate and no time left. */
export function progressWords({ progress, state }: Pick<Job, 'progress' | 'state'>): string {
  const parts = [amountWords(progress)]
  if (state === 'running') {
    const rate = rateWords(progress)
    const left = leftWords(progress)
    if (rate) parts.push(rate)
    if (left) parts.push(`${left} left`)
  }
  return parts.join(' · ')
}

/** From the first start to the end, or to `now` (milliseconds since the epoch); empty before the start. */
export function elapsedWords(
  { startedAt, endedAt }: Pick<Job, 'startedAt' | 'endedAt'>,
  now: number,
): string {
  if (startedAt === null) return ''
  // the host's clock may be ahead of the page's
  return formatSeconds(Math.max(0, (endedAt ?? now) - startedAt) / 1000)
}

const time = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

/** "23 Nov 2026, 02:27:50", in the page's time zone. */
export function formatTime(milliseconds: number): string {
  return time.format(milliseconds)
}
