// The way from a job that failed to the form of its kind, filled in as it was.
import { Button } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import type { Job } from '../../shared/jobs/job.ts'
import { jobKindIdSchema, jobKinds } from '../../shared/jobs/kinds.ts'

interface ChangeAndStartProps {
  readonly job: Job
  readonly 'aria-describedby'?: string
}

export function ChangeAndStart({ job, ...button }: ChangeAndStartProps) {
  const navigate = useNavigate()
  const kind = jobKindIdSchema.safeParse(job.kind).data
  if (job.state !== 'failed' || !kind || Object.keys(jobKinds[kind].params.shape).length === 0) return null
  function open() {
    if (kind === 'harvest') return navigate({ to: '/activations', search: { from: job.id } })
    if (kind === 'train') return navigate({ to: '/sae', search: { from: job.id } })
    return navigate({ to: '/jobs', search: { start: kind, from: job.id } })
  }
  return (
    <Button {...button} onClick={() => void open()}>
      Change and start…
    </Button>
  )
}
