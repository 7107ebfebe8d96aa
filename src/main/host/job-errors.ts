// Why a job is not what was asked for, or ended other than by itself, in words.
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import type { JobState } from '../../shared/jobs/state.ts'

const RESUMES = 'Resume continues it from its last complete piece of work.'

export function wrongState(job: Job, what: string): Error {
  return expected(
    'jobs/state',
    `The job "${job.title}" is ${job.state}; it ${what}.`,
    'Its page says what can be done with it now.',
  )
}

export function killed(): ErrorData {
  return toErrorData(expected('job/killed', 'The job was ended on request.', RESUMES))
}

export function closed(): ErrorData {
  return toErrorData(expected('job/closed', 'Monoscope was closed while the job was under way.', RESUMES))
}

export function hostDied(state: JobState): ErrorData {
  const what = state === 'queued' ? 'was waiting to run' : 'was running'
  return toErrorData(
    expected('job/host-died', `Monoscope ended unexpectedly while the job ${what}.`, RESUMES),
  )
}
