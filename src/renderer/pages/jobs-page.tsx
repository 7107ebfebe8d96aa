// All jobs, newest first, with live progress, and the form that starts one.
import { Button, Modal, Title } from '@mantine/core'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { Job } from '../../shared/jobs/job.ts'
import { type JobKindId, jobKinds } from '../../shared/jobs/kinds.ts'
import { formatBytes } from '../../shared/units.ts'
import { act } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { ConfigForm } from '../ui/config-form.tsx'
import { JobProgress } from '../ui/job-progress.tsx'
import { JobStateBadge } from '../ui/job-state.tsx'

const ROW = 52

export function JobsPage() {
  const jobs = useApp((state) => state.jobs)
  const { start } = useSearch({ from: '/jobs' })
  const navigate = useNavigate()
  const open = (kind: JobKindId | undefined) => void navigate({ to: '/jobs', search: { start: kind } })
  return (
    <div className="page" style={{ height: '100%', gridTemplateRows: 'auto 1fr' }}>
      <div className="page-head">
        <Title order={1}>Jobs</Title>
        <span className="muted">Long work, one row each. A job that stopped can be resumed.</span>
        <div className="end">
          <Button variant="filled" onClick={() => open('checksum')}>
            Checksum a folder…
          </Button>
        </div>
      </div>
      {jobs?.length === 0 ? (
        <div className="card empty" style={{ alignContent: 'center' }}>
          <strong>No jobs yet</strong>
          <p>
            A job does long work in a process of its own. Start with one that reads every file of a folder.
          </p>
          <Button onClick={() => open('checksum')}>Checksum a folder…</Button>
        </div>
      ) : (
        jobs && <JobList jobs={jobs} />
      )}
      <Modal
        opened={start !== undefined}
        onClose={() => open(undefined)}
        title={start ? jobKinds[start].title : ''}
      >
        {start && <StartForm kind={start} onCancel={() => open(undefined)} />}
      </Modal>
    </div>
  )
}

function StartForm({ kind, onCancel }: { readonly kind: JobKindId; onCancel(): void }) {
  const navigate = useNavigate()
  async function submit(params: Record<string, unknown>) {
    const job = await act('jobs.start', { kind, params })
    if (job) await navigate({ to: '/jobs/$id', params: { id: job.id } })
  }
  return (
    <>
      <p className="muted" style={{ marginTop: 0 }}>
        {jobKinds[kind].help}
      </p>
      <ConfigForm schema={jobKinds[kind].params} submitLabel="Start" onSubmit={submit} onCancel={onCancel} />
    </>
  )
}

function JobList({ jobs }: { readonly jobs: readonly Job[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => jobs[index]?.id ?? index,
    overscan: 8,
  })
  return (
    <div
      className="card scroll"
      ref={scroller}
      style={{ padding: 0, minHeight: 120 }}
      tabIndex={0}
      aria-label="Jobs"
    >
      <ul
        style={{
          height: rows.getTotalSize(),
          position: 'relative',
          margin: 0,
          padding: 0,
          listStyle: 'none',
        }}
      >
        {rows.getVirtualItems().map((row) => {
          const job = jobs[row.index]
          return (
            job && (
              <li key={job.id} style={{ position: 'absolute', inset: `${row.start}px 0 auto` }}>
                <JobRow job={job} />
              </li>
            )
          )
        })}
      </ul>
    </div>
  )
}

function JobRow({ job }: { readonly job: Job }) {
  return (
    <Link to="/jobs/$id" params={{ id: job.id }} className="job-row">
      <JobStateBadge state={job.state} />
      <div style={{ minWidth: 0 }}>
        <div className="title">{job.title}</div>
        <div className="muted title" style={{ fontSize: 11.5 }}>
          {job.error ? job.error.message : new Date(job.createdAt).toLocaleString()}
        </div>
      </div>
      <JobProgress job={job} size="sm" />
      <span className="muted" style={{ textAlign: 'right', fontSize: 12 }}>
        {job.peakRss > 0 ? formatBytes(job.peakRss) : ''}
      </span>
    </Link>
  )
}
