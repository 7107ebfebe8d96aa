// All jobs, newest first, with live progress, and the form that starts one.
import { Button, Modal } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type JobKindId, jobKinds } from '../../../shared/jobs/kinds.ts'
import { act } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { useParamsOf } from '../../state/use-params-of.ts'
import { ConfigForm } from '../../ui/config-form.tsx'
import { PageHead } from '../../ui/page-head.tsx'
import { JobList } from './job-list.tsx'

export function JobsPage() {
  const jobs = useApp((state) => state.jobs)
  const { start, from } = useSearch({ from: '/jobs' })
  const navigate = useNavigate()
  const open = (kind: JobKindId | undefined) => void navigate({ to: '/jobs', search: { start: kind } })
  return (
    <div className="page filled">
      <PageHead title="Jobs" note="Long work, one row each. A job that stopped can be resumed.">
        {jobs?.length !== 0 && (
          <Button variant="filled" onClick={() => open('checksum')}>
            Checksum a folder…
          </Button>
        )}
      </PageHead>
      {jobs?.length === 0 ? (
        <div className="card empty">
          <strong>No jobs yet</strong>
          <p>
            A job does long work in a process of its own: it shows how far it is, can be stopped at any time,
            and goes on where it stopped. Start with one that reads every file of a folder.
          </p>
          <Button variant="filled" onClick={() => open('checksum')}>
            Checksum a folder…
          </Button>
        </div>
      ) : (
        jobs && <JobList jobs={jobs} />
      )}
      {/* Escape closes the topmost only: the folder browser stands on this form */}
      <Modal.Stack>
        <Modal
          stackId="form"
          opened={start !== undefined}
          onClose={() => open(undefined)}
          title={start ? jobKinds[start].title : ''}
        >
          {start && <StartForm key={from ?? ''} kind={start} from={from} onCancel={() => open(undefined)} />}
        </Modal>
      </Modal.Stack>
    </div>
  )
}

interface StartFormProps {
  readonly kind: JobKindId
  /** A job it begins as. */
  readonly from: string | undefined
  onCancel(): void
}

function StartForm({ kind, from, onCancel }: StartFormProps) {
  const navigate = useNavigate()
  const initial = useParamsOf(from)
  async function submit(params: Record<string, unknown>) {
    const job = await act('jobs.start', { kind, params })
    if (job) await navigate({ to: '/jobs/$id', params: { id: job.id } })
  }
  return (
    <>
      <p className="muted lead">{jobKinds[kind].help}</p>
      {initial && (
        <ConfigForm
          schema={jobKinds[kind].params}
          submitLabel="Start"
          initial={initial}
          onSubmit={submit}
          onCancel={onCancel}
        />
      )}
    </>
  )
}
