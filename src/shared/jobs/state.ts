// The states of a job, which may follow which, and what a person can do in each.
import { z } from 'zod'

export const jobStateSchema = z.enum([
  'queued',
  'running',
  'paused',
  'interrupted',
  'failed',
  'cancelled',
  'done',
])

export type JobState = z.infer<typeof jobStateSchema>

const followers: Record<JobState, readonly JobState[]> = {
  // interrupted: its host ended before its turn came
  queued: ['running', 'cancelled', 'interrupted'],
  // back to queued: an automatic new attempt after a crash
  running: ['queued', 'paused', 'interrupted', 'failed', 'cancelled', 'done'],
  paused: ['queued', 'cancelled'],
  interrupted: ['queued', 'cancelled'],
  failed: ['queued'],
  cancelled: ['queued'],
  done: [],
}

/** True when a job may go from one state to the other. */
export function mayFollow(from: JobState, to: JobState): boolean {
  return followers[from].includes(to)
}

/** Work is under way or will start by itself. */
export function isActive(state: JobState): boolean {
  return state === 'queued' || state === 'running'
}

/** `jobs.resume` continues it from its last complete piece of work. */
export function isResumable(state: JobState): boolean {
  return !isActive(state) && mayFollow(state, 'queued')
}
