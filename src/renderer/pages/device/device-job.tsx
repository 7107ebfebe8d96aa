// A job of the Device page in place: how far it is and a way to stop it, or why it ended without a result.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { Job } from '../../../shared/jobs/job.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { act } from '../../state/actions.ts'
import { JobProgress } from '../../ui/job-progress.tsx'
import { ErrorCode } from '../../ui/error-code.tsx'

export function DeviceJob({ job }: { readonly job: Job }) {
  const { id, state, error } = job
  if (isActive(state)) {
    return (
      <div className="device-job">
        <JobProgress job={job} size="md" />
        <Button onClick={() => void act('jobs.cancel', { id })}>Cancel</Button>
      </div>
    )
  }
  if (state === 'done') return null
  return (
    <p className="wrap">
      {error ? `${error.message} ${error.hint ?? ''}` : `The newest one was ${state}.`}{' '}
      {error && <ErrorCode code={error.code} />}{' '}
      <Link to="/jobs/$id" params={{ id }}>
        Open the job
      </Link>
    </p>
  )
}
