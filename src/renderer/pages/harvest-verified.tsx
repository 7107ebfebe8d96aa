// The newest check of a harvest: under way, what it found, or why it failed.
import { Link } from '@tanstack/react-router'
import { jobKinds } from '../../shared/jobs/kinds.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { useApp } from '../state/app.ts'
import { JobProgress } from '../ui/job-progress.tsx'
import { formatTime } from '../ui/job-words.ts'

export function HarvestVerified({ id }: { readonly id: string }) {
  const job = useApp(({ jobs }) =>
    jobs?.find(({ kind, params }) => kind === 'verify' && params.harvest === id),
  )
  if (!job || job.state === 'cancelled') return null
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
  const result = jobKinds.verify.result.safeParse(job.result).data
  if (!result) {
    return (
      <section className="card bad" aria-label="Verification">
        <div role="alert">
          <strong className="wrap">{job.error?.message ?? 'The check was interrupted.'}</strong>
          <div className="muted">
            {job.error?.hint} {open}
          </div>
        </div>
      </section>
    )
  }
  return (
    <section className="card verified" aria-label="Verification">
      <span className="state" data-state="ready">
        verified
      </span>
      <span role="status">
        all {result.rows.toLocaleString('en-US')} rows and every shard are what was written;{' '}
        {result.recomputed.toLocaleString('en-US')} rows computed again differ by at most{' '}
        {result.maxRelDifference.toPrecision(2)} of their largest number
      </span>
      <span className="muted">
        {job.endedAt !== null && formatTime(job.endedAt)} · {open}
      </span>
    </section>
  )
}
