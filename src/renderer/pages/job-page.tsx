// One job: progress, how it ended, what it made, what it used, its log, and what can be done with it.
import { Button, Title } from '@mantine/core'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type ErrorData, toErrorData } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { formatBytes, formatSeconds } from '../../shared/units.ts'
import { copy } from '../state/actions.ts'
import { link, useApp } from '../state/app.ts'
import { JobProgress } from '../ui/job-progress.tsx'
import { JobStateBadge } from '../ui/job-state.tsx'
import { JobButtons } from './job-buttons.tsx'
import { JobLog } from './job-log.tsx'
import { JobResources } from './job-resources.tsx'

export function JobPage() {
  const { id } = useParams({ from: '/jobs/$id' })
  const watched = useApp((state) => state.jobs?.find((job) => job.id === id))
  const known = useApp((state) => state.jobs !== null)
  const older = useOlderJob(id, known && !watched)
  const job = watched ?? older.job
  if (job) return <JobView job={job} />
  if (!older.error) return null
  return (
    <div className="empty">
      <Title order={1}>There is no such job</Title>
      <p>{older.error.message} It may have been deleted.</p>
      <Button component={Link} to="/jobs">
        Go to the jobs
      </Button>
    </div>
  )
}

/** A job too old to be among those that are watched. */
function useOlderJob(id: string, wanted: boolean): { job?: Job; error?: ErrorData } {
  const [found, setFound] = useState<{ job?: Job; error?: ErrorData }>({})
  useEffect(() => {
    if (!wanted) return
    link.call('jobs.get', { id }).then(
      (job) => setFound({ job }),
      (error: unknown) => setFound({ error: toErrorData(error) }),
    )
  }, [id, wanted])
  return found
}

function JobView({ job }: { readonly job: Job }) {
  return (
    <div className="page">
      <div className="page-head">
        <Title order={1} title={job.title}>
          {job.title}
        </Title>
        <JobStateBadge state={job.state} />
        <div className="end">
          <JobButtons job={job} />
        </div>
      </div>
      <div className="card">
        <JobProgress job={job} size="md" />
      </div>
      {job.error && (
        <div className="card bad" role="alert">
          <strong>{job.error.message}</strong>
          {job.error.hint && <div className="muted">{job.error.hint}</div>}
        </div>
      )}
      <div className="columns">
        <Result job={job} />
        <Facts job={job} />
      </div>
      <JobResources job={job} />
      <JobLog id={job.id} />
    </div>
  )
}

function Result({ job }: { readonly job: Job }) {
  const result = Object.entries((job.result ?? {}) as Record<string, unknown>)
  return (
    <section className="card">
      <Title order={2}>Result</Title>
      {result.length === 0 ? (
        <span className="muted">{job.state === 'done' ? 'None.' : 'Comes with the end of the job.'}</span>
      ) : (
        <dl className="facts">
          {result.map(([name, value]) => (
            <Fact key={name} name={name} value={resultText(name, value)} mono={typeof value === 'string'} />
          ))}
        </dl>
      )}
    </section>
  )
}

function resultText(name: string, value: unknown): string {
  if (typeof value !== 'number') return String(value)
  return name === 'bytes'
    ? `${formatBytes(value)} (${value.toLocaleString('en-US')})`
    : value.toLocaleString('en-US')
}

function Facts({ job }: { readonly job: Job }) {
  const seconds = job.startedAt === null ? 0 : ((job.endedAt ?? Date.now()) - job.startedAt) / 1000
  return (
    <section className="card">
      <Title order={2}>Job</Title>
      <dl className="facts">
        <Fact name="id" value={job.id} mono />
        {Object.entries(job.params).map(([name, value]) => (
          <Fact key={name} name={name} value={String(value)} mono />
        ))}
        <Fact
          name="started"
          value={job.startedAt === null ? '–' : new Date(job.startedAt).toLocaleString()}
        />
        <Fact name="took" value={job.startedAt === null ? '–' : formatSeconds(seconds)} />
        <Fact name="attempt" value={String(job.attempt)} />
        <Fact name="peak memory" value={job.peakRss > 0 ? formatBytes(job.peakRss) : '–'} />
        {job.artifacts.map((artifact) => (
          <Fact
            key={artifact.path}
            name={artifact.kind}
            value={`${artifact.path} (${formatBytes(artifact.bytes)})`}
            mono
          />
        ))}
      </dl>
    </section>
  )
}

function Fact({
  name,
  value,
  mono,
}: {
  readonly name: string
  readonly value: string
  readonly mono?: boolean
}) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? 'mono' : undefined}>
        {value}{' '}
        {mono && (
          <Button
            size="compact-xs"
            variant="subtle"
            aria-label={`Copy ${name}`}
            onClick={() => void copy(value, name)}
          >
            copy
          </Button>
        )}
      </dd>
    </>
  )
}
