// How far a job is: a bar, and the same in words.
import { Progress as Bar } from '@mantine/core'
import type { Job } from '../../shared/jobs/job.ts'
import { fractionOf } from '../../shared/jobs/progress.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { amountWords, progressWords } from './job-words.ts'

/** `size` "sm" is for lists, which give rate and time left columns of their own, and a finished job no bar. */
export function JobProgress({ job, size }: { readonly job: Job; readonly size: 'sm' | 'md' }) {
  const fraction = fractionOf(job.progress)
  const unknown = job.state === 'running' && fraction === null
  const words = size === 'md' ? progressWords(job) : amountWords(job.progress)
  return (
    <div className="job-progress">
      {(size === 'md' || job.progress.phase !== 'finished') && (
        <Bar.Root size={size === 'sm' ? 4 : 8}>
          <Bar.Section
            // stripes where it is not known; a job that stopped before it was known got nowhere
            value={fraction === null ? (unknown ? 100 : 0) : fraction * 100}
            animated={unknown}
            striped={unknown}
            color={isActive(job.state) || job.state === 'done' ? undefined : 'gray.6'}
            aria-label={`Progress of ${job.title}`}
            aria-valuetext={words}
          />
        </Bar.Root>
      )}
      <div className="words">{words}</div>
    </div>
  )
}
