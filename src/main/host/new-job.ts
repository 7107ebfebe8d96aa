// A job as it was asked for, before anything of it is done.
import { randomBytes } from 'node:crypto'
import { issueText } from '../../shared/config.ts'
import { expected } from '../../shared/errors.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { type JobKindId, kindOf } from '../../shared/jobs/kinds.ts'

/** Throws `jobs/params` when the parameters are not those of the kind. */
export function newJob(kind: JobKindId, params: Record<string, unknown>): Job {
  const parsed = kindOf(kind).params.safeParse(params)
  if (!parsed.success) {
    throw expected('jobs/params', `${issueText(parsed.error)}.`, 'Correct the value and start it again.')
  }
  return {
    id: randomBytes(5).toString('hex'),
    kind,
    title: kindOf(kind).describe(parsed.data),
    params: parsed.data,
    state: 'queued',
    progress: { phase: 'waiting' },
    attempt: 0,
    createdAt: Date.now(),
    startedAt: null,
    endedAt: null,
    peakRss: 0,
    error: null,
    result: null,
    artifacts: [],
  }
}
