// The list of jobs: one row each, with what it does, how far, how fast and how long; only visible rows are drawn.
import { Link } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import type { Job } from '../../../shared/jobs/job.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { formatBytes } from '../../../shared/units.ts'
import { JobProgress } from '../../ui/job-progress.tsx'
import { JobStateBadge } from '../../ui/job-state.tsx'
import { elapsedWords, formatTime, leftWords, rateWords } from '../../ui/job-words.ts'
import { useNow } from '../../ui/use-now.ts'

/** Pixels; the same as in the style sheet. */
const ROW = 48

const COLUMNS = ['State', 'Job', 'Progress', 'Rate', 'Left', 'Elapsed', 'Attempt', 'Peak memory'] as const

export function JobList({ jobs }: { readonly jobs: readonly Job[] }) {
  const scroller = useRef<HTMLDivElement>(null)
  const now = useNow(jobs.some((job) => isActive(job.state)))
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (index) => jobs[index]?.id ?? index,
    overscan: 8,
  })
  return (
    <div className="card scroll job-list" ref={scroller} tabIndex={0} role="region" aria-label="Jobs">
      {/* each value names itself to screen readers */}
      <div className="job-head" aria-hidden>
        {COLUMNS.map((column) => (
          <span key={column} data-column={column}>
            {column}
          </span>
        ))}
      </div>
      <ul style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const job = jobs[row.index]
          return (
            job && (
              <li key={job.id} style={{ transform: `translateY(${row.start}px)` }}>
                <JobRow job={job} now={now} />
              </li>
            )
          )
        })}
      </ul>
    </div>
  )
}

function JobRow({ job, now }: { readonly job: Job; readonly now: number }) {
  const running = job.state === 'running'
  return (
    <Link to="/jobs/$id" params={{ id: job.id }} className="job-row">
      <JobStateBadge state={job.state} />
      <div className="what">
        <div className="cut">{job.title}</div>
        <div className="cut muted fine" data-bad={job.error !== null || undefined}>
          {job.error ? job.error.message : formatTime(job.createdAt)}
        </div>
      </div>
      <JobProgress job={job} size="sm" />
      <Value column="Rate" value={running ? rateWords(job.progress) : ''} />
      <Value column="Left" value={running ? leftWords(job.progress) : ''} />
      <Value column="Elapsed" value={elapsedWords(job, now)} />
      <Value column="Attempt" value={job.attempt > 0 ? String(job.attempt) : ''} />
      <Value column="Peak memory" value={job.peakRss > 0 ? formatBytes(job.peakRss) : ''} />
    </Link>
  )
}

function Value({ column, value }: { readonly column: (typeof COLUMNS)[number]; readonly value: string }) {
  return (
    <span className="value" data-column={column}>
      {value && <span className="hidden">{column} </span>}
      {value}
    </span>
  )
}
