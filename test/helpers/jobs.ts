// A job for tests, as it is when it was just made.
import type { Job } from '../../src/shared/jobs/job.ts'

export function jobNamed(id: string): Job {
  return {
    id,
    kind: 'checksum',
    title: `Job ${id}`,
    params: { folder: '/data' },
    state: 'queued',
    progress: { phase: 'waiting' },
    attempt: 0,
    createdAt: 1,
    startedAt: null,
    endedAt: null,
    peakRss: 0,
    error: null,
    result: null,
    artifacts: [],
  }
}
