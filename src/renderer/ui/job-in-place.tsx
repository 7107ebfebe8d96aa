// A job in place, where what it makes is shown: how far it is, why it stopped, and what can be done about it.
import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive, isResumable } from '../../shared/jobs/state.ts'
import { formatBytes } from '../../shared/units.ts'
import { act, showDone } from '../state/actions.ts'
import { ChangeAndStart } from './change-and-start.tsx'
import { DeleteDialog } from './delete-dialog.tsx'
import { ErrorCode } from './error-code.tsx'
import { JobProgress } from './job-progress.tsx'

interface JobInPlaceProps {
  readonly job: Job
  /** False where it can be deleted otherwise, after a question. */
  readonly discards?: boolean
}

export function JobInPlace({ job, discards = true }: JobInPlaceProps) {
  const { id, state, error, title } = job
  const [asking, question] = useDisclosure(false)
  // several stand on one page: each button says whose it is
  const of = { 'aria-describedby': `job-${id}` }
  async function discard() {
    const removed = await act('jobs.delete', { id })
    if (removed) showDone(`Discarded; that freed ${formatBytes(removed.freedBytes)}.`)
  }
  return (
    <div className="job-in-place">
      <span id={`job-${id}`} className="hidden">
        {title}
      </span>
      <div>
        <JobProgress job={job} size="md" />
        {error && (
          <p className="wrap" role="alert">
            {error.message} <span className="muted">{error.hint}</span> <ErrorCode code={error.code} />
          </p>
        )}
        {!error && state === 'paused' && <p className="muted">Paused; what has come so far is kept.</p>}
      </div>
      <Group gap="xs" wrap="nowrap">
        {state === 'running' && (
          <Button {...of} onClick={() => void act('jobs.pause', { id })}>
            Pause
          </Button>
        )}
        {isActive(state) && (
          <Button {...of} onClick={() => void act('jobs.cancel', { id })}>
            Cancel
          </Button>
        )}
        {isResumable(state) && (
          <>
            <Button {...of} variant="filled" onClick={() => void act('jobs.resume', { id })}>
              {state === 'failed' ? 'Try again' : 'Resume'}
            </Button>
            <ChangeAndStart {...of} job={job} />
            {discards && (
              <>
                <Button {...of} onClick={question.open}>
                  Discard…
                </Button>
                <DeleteDialog
                  title={`Discard “${title}”?`}
                  verb="Discard"
                  opened={asking}
                  onClose={question.close}
                  onDelete={discard}
                >
                  <p className="lead">What has come so far is deleted with the job. This cannot be undone.</p>
                </DeleteDialog>
              </>
            )}
          </>
        )}
        <Button {...of} component={Link} to={`/jobs/${id}`}>
          Log
        </Button>
      </Group>
    </div>
  )
}
