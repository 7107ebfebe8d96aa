// What can be done with a job in its present state; what cannot be undone asks first.
import { Button, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import type { Job } from '../../../shared/jobs/job.ts'
import { isActive, isResumable } from '../../../shared/jobs/state.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { useCall } from '../../state/use-call.ts'
import { ChangeAndStart } from '../../ui/change-and-start.tsx'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'

export function JobButtons({ job }: { readonly job: Job }) {
  const { id } = job
  const [asking, question] = useDisclosure(false)
  const navigate = useNavigate()
  const size = useCall('jobs.size', { id }, asking)
  async function remove() {
    const removed = await act('jobs.delete', { id })
    if (!removed) return
    showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
    await navigate({ to: '/jobs' })
  }
  return (
    <>
      {job.state === 'running' && <Button onClick={() => void act('jobs.pause', { id })}>Pause</Button>}
      {isActive(job.state) && <Button onClick={() => void act('jobs.cancel', { id })}>Cancel</Button>}
      {job.state === 'running' && (
        <Tooltip label="Ends its process at once; what is complete is kept">
          <Button onClick={() => void act('jobs.kill', { id })}>End now</Button>
        </Tooltip>
      )}
      {isResumable(job.state) && (
        <Button variant="filled" onClick={() => void act('jobs.resume', { id })}>
          Resume
        </Button>
      )}
      <ChangeAndStart job={job} />
      {!isActive(job.state) && <Button onClick={question.open}>Delete…</Button>}
      <DeleteDialog title="Delete this job?" opened={asking} onClose={question.close} onDelete={remove}>
        <p className="lead">
          Its log, its measurements and its folder are deleted, with what it has not finished
          {size.output && `, which frees ${formatBytes(size.output.bytes)}`}. This cannot be undone.
        </p>
      </DeleteDialog>
    </>
  )
}
