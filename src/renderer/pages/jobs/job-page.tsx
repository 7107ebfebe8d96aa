// One job: progress, how it ended, what it made, what it used, its log, and what can be done with it.
import { Button } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import type { ErrorData } from '../../../shared/errors.ts'
import type { Job } from '../../../shared/jobs/job.ts'
import { copy, errorText } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { ErrorCode } from '../../ui/error-code.tsx'
import { Gone } from '../../ui/gone.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { JobStateBadge } from '../../ui/job-state.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { JobButtons } from './job-buttons.tsx'
import { JobFacts, JobResult } from './job-facts.tsx'
import { JobLog } from './job-log.tsx'
import { JobResources } from './job-resources.tsx'

export function JobPage() {
  const { id } = useParams({ from: '/jobs/$id' })
  const watched = useApp((state) => state.jobs?.find((job) => job.id === id))
  const known = useApp((state) => state.jobs !== null)
  // one too old to be among those that are watched
  const older = useCall('jobs.get', { id }, known && !watched)
  const job = watched ?? (older.output?.id === id ? older.output : undefined)
  // nothing of another job's page may stay
  if (job) return <JobView key={job.id} job={job} />
  if (!older.error) return null
  const note = `${older.error.message} It may have been deleted.`
  return <Gone title="There is no such job" note={note} to="/jobs" go="Go to the jobs" />
}

function JobView({ job }: { readonly job: Job }) {
  return (
    <div className="page">
      <PageHead title={job.title} note={<JobStateBadge state={job.state} />}>
        <JobButtons job={job} />
      </PageHead>
      <div className="card">
        <JobProgress job={job} size="md" />
      </div>
      {job.error && <JobError error={job.error} />}
      <div className="columns">
        {job.state === 'done' && <JobResult job={job} />}
        <JobFacts job={job} />
      </div>
      <JobResources job={job} />
      <JobLog id={job.id} />
    </div>
  )
}

function JobError({ error }: { readonly error: ErrorData }) {
  return (
    <div className="card bad" role="alert">
      <div>
        <strong>{error.message}</strong> <ErrorCode code={error.code} />
        {error.hint && <div className="muted">{error.hint}</div>}
      </div>
      <Button onClick={() => void copy(errorText(error), 'Details')}>Copy details</Button>
    </div>
  )
}
