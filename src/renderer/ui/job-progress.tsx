// How far a job is: a bar, and in words the step, the amount, the rate and the time left.
import { Progress as Bar } from '@mantine/core'
import type { Job } from '../../shared/jobs/job.ts'
import { fractionOf, type Progress } from '../../shared/jobs/progress.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { formatQuantity, formatSeconds } from '../../shared/units.ts'

/** `size` "sm" is for lists: the bar and one short line. */
export function JobProgress({ job, size }: { readonly job: Job; readonly size: 'sm' | 'md' }) {
  const fraction = fractionOf(job.progress)
  const running = job.state === 'running'
  const text = progressWords(job.progress, size === 'md')
  return (
    <div>
      <Bar.Root size={size === 'sm' ? 4 : 8}>
        <Bar.Section
          value={fraction === null ? 100 : fraction * 100}
          animated={running && fraction === null}
          striped={running && fraction === null}
          color={isActive(job.state) || job.state === 'done' ? undefined : 'gray'}
          aria-label={`Progress of ${job.title}`}
          aria-valuetext={text}
        />
      </Bar.Root>
      <div
        className="muted"
        style={{ fontSize: 11.5, marginTop: 4, overflow: 'hidden', whiteSpace: 'nowrap' }}
      >
        {text}
      </div>
    </div>
  )
}

function progressWords(progress: Progress, long: boolean): string {
  if (progress.phase === 'waiting') return 'Waiting'
  if (progress.phase === 'finished') return 'Finished'
  if (progress.phase === 'measuring')
    return `${progress.step} · ${formatQuantity(progress.found, progress.unit)} so far`
  const { step, unit, done, total, perSecond, secondsLeft } = progress
  const parts = [step, `${formatQuantity(done, unit)} of ${formatQuantity(total, unit)}`]
  if (long && perSecond) parts.push(`${formatQuantity(perSecond, unit)}/s`)
  if (secondsLeft !== null) parts.push(`${formatSeconds(secondsLeft)} left`)
  return parts.join(' · ')
}
