// The evaluations and exports of an SAE: those under way, and how the last of each ended.
import type { Job } from '../../../shared/jobs/job.ts'
import { jobKinds } from '../../../shared/jobs/kinds.ts'
import { formatBytes } from '../../../shared/units.ts'
import { useApp } from '../../state/app.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { JobInPlace } from '../../ui/job-in-place.tsx'

const kinds = ['evaluate', 'export'] as const

export function SaeJobs({ id }: { readonly id: string }) {
  const jobs = useApp((app) => app.jobs) ?? []
  const last = kinds.flatMap((kind) => jobs.find((job) => job.kind === kind && job.params.sae === id) ?? [])
  // an evaluation that is done has its figures above
  const shown = last.filter(({ kind, state }) => !(kind === 'evaluate' && state === 'done'))
  const relevant = shown.filter(({ state }) => state !== 'cancelled')
  if (relevant.length === 0) return null
  return (
    <section className="card sae-jobs" aria-label="Work on it">
      {relevant.map((job) =>
        job.state === 'done' ? <Exported key={job.id} job={job} /> : <Going key={job.id} job={job} />,
      )}
    </section>
  )
}

function Going({ job }: { readonly job: Job }) {
  return (
    <div>
      <strong>{jobKinds[job.kind as (typeof kinds)[number]].title}</strong>
      <JobInPlace job={job} />
    </div>
  )
}

function Exported({ job }: { readonly job: Job }) {
  const result = jobKinds.export.result.safeParse(job.result).data
  if (!result) return null
  return (
    <Facts>
      <Fact name={`exported, ${formatBytes(result.bytes)}`} value={result.path} path={result.path} exact />
    </Facts>
  )
}
