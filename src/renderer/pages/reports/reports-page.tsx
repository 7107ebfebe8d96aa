// The Reports page: those that were made, and the one that is being put together.
import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { isActive, isResumable } from '../../../shared/jobs/state.ts'
import { useApp } from '../../state/app.ts'
import { useReportDraft } from '../../state/report-draft.ts'
import { useSaes } from '../../state/use-saes.ts'
import { useStream } from '../../state/use-stream.ts'
import { ErrorText } from '../../ui/error-text.tsx'
import { JobInPlace } from '../../ui/job-in-place.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { ReportForm } from './report-form.tsx'
import { ReportList } from './report-list.tsx'

const purpose = 'Write up features, runs and completions as a file that stands alone.'

export function ReportsPage() {
  const { state: reports, error } = useStream('reports.watch', undefined)
  const { output: saes } = useSaes()
  const empty = useReportDraft(({ sections }) => sections.length === 0)
  const jobs = useApp((app) => app.jobs)
  const writing = (jobs ?? []).filter(
    ({ kind, state }) => kind === 'report' && (isActive(state) || isResumable(state)),
  )
  if (!reports || !saes) return error ? <ErrorText error={error} /> : null
  const nothing = reports.length === 0 && empty && writing.length === 0
  return (
    <div className="page reports">
      <PageHead title="Reports" note={purpose} />
      {nothing && (
        <section className="card empty">
          <strong>No report yet</strong>
          <p>
            A report is made of what you looked at. “Add to report” on a feature, in the prompt lab, on an
            SAE’s page and in a steering session collects it here; or choose something below.
          </p>
          <Button component={Link} to={saes.length > 0 ? '/features' : '/sae'} variant="filled">
            {saes.length > 0 ? 'Go to the features' : 'Go to the SAEs'}
          </Button>
        </section>
      )}
      {writing.map((job) => (
        <section key={job.id} className="card" aria-label={job.title}>
          <strong>{job.title}</strong>
          <JobInPlace job={job} />
        </section>
      ))}
      <ReportForm saes={saes} />
      {reports.length > 0 && <ReportList reports={reports} />}
    </div>
  )
}
