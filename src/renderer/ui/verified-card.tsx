// What came of a job that checks something: under way, what it found, or why it failed.
import { CloseButton } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { ErrorCode } from './error-code.tsx'
import { JobProgress } from './job-progress.tsx'
import { formatTime } from './job-words.ts'

interface VerifiedCardProps {
  readonly job: Job
  /** What was found; null when nothing was. */
  readonly found: ReactNode
  /** It can be put away where it is given. */
  readonly onClose?: () => void
}

export function VerifiedCard({ job, found, onClose }: VerifiedCardProps) {
  const close = onClose && <CloseButton size="sm" aria-label="Put the check away" onClick={onClose} />
  const open = (
    <Link to="/jobs/$id" params={{ id: job.id }}>
      open the job
    </Link>
  )
  if (isActive(job.state)) {
    return (
      <section className="card" aria-label="Verification">
        <JobProgress job={job} size="md" />
      </section>
    )
  }
  if (found === null) {
    return (
      <section className="card verified bad" aria-label="Verification">
        <div role="alert" className="grow">
          <strong className="wrap">{job.error?.message ?? 'The check was interrupted.'}</strong>
          <div className="muted">
            {job.error?.hint} {job.error && <ErrorCode code={job.error.code} />} {open}
          </div>
        </div>
        {close}
      </section>
    )
  }
  return (
    <section className="card verified" aria-label="Verification">
      <span className="state" data-state="ready">
        verified
      </span>
      <span role="status" className="grow">
        {found}
      </span>
      <span className="muted">
        {job.endedAt !== null && formatTime(job.endedAt)} · {open}
      </span>
      {close}
    </section>
  )
}
