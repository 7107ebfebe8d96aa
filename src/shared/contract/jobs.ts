// Jobs over the wire: start, stop, watch, read their logs and what they used.
import { z } from 'zod'
import { jobSchema, logLineSchema, type Job } from '../jobs/job.ts'
import { jobKindIdSchema } from '../jobs/kinds.ts'
import { columnsSchema, appendColumns } from '../jobs/series.ts'
import { command, nothing, query, stream } from './define.ts'

const byId = z.object({ id: z.string() })

export const jobsContract = {
  /** Validates `params` for the kind (`jobs/params`), makes the row and queues it. */
  'jobs.start': command(
    z.object({ kind: jobKindIdSchema, params: z.record(z.string(), z.unknown()) }),
    jobSchema,
  ),
  /** Stops after the current piece of work, keeps what is complete; killed if it does not within its grace time. */
  'jobs.cancel': command(byId, jobSchema),
  /** Like cancel, but the job counts as paused. */
  'jobs.pause': command(byId, jobSchema),
  /** Ends the process now; the job is interrupted and can be resumed. */
  'jobs.kill': command(byId, jobSchema),
  /** Continues a paused, interrupted, failed or cancelled job from its last complete piece of work. */
  'jobs.resume': command(byId, jobSchema),
  /** Removes the row, its log, its folder, and the harvest or SAE it left unfinished; says how much space that freed. Not while it is active. */
  'jobs.delete': command(byId, z.object({ freedBytes: z.number() })),
  /** How much space deleting it would free. */
  'jobs.size': query(byId, z.object({ bytes: z.number() })),
  /** Rejects `jobs/unknown`. An id or a unique prefix of one. */
  'jobs.get': query(byId, jobSchema),
  'jobs.list': query(z.object({ limit: z.number().int().min(1).max(1000).default(200) }), z.array(jobSchema)),
  /** The newest 200 jobs, newest first, and every change of any job; an older one joins them at its age. */
  'jobs.watch': stream({
    input: nothing,
    snapshot: z.array(jobSchema),
    delta: z.discriminatedUnion('type', [
      z.object({ type: z.literal('put'), job: jobSchema }),
      z.object({ type: z.literal('removed'), id: z.string() }),
    ]),
    apply: (jobs, change) => {
      if (change.type === 'removed') return jobs.filter((job) => job.id !== change.id)
      if (jobs.some((job) => job.id === change.job.id)) {
        return jobs.map((job): Job => (job.id === change.job.id ? change.job : job))
      }
      // one older than the newest 200 that is resumed comes in at its age
      const place = jobs.findIndex((job) => job.createdAt <= change.job.createdAt)
      return jobs.toSpliced(place < 0 ? jobs.length : place, 0, change.job)
    },
  }),
  /** The last 500 lines, then each new one; the state keeps at most 5,000. */
  'jobs.log': stream({
    input: byId,
    snapshot: z.array(logLineSchema),
    delta: z.array(logLineSchema),
    apply: (lines, added) => [...lines, ...added].slice(-5_000),
  }),
  /** Up to `limit` lines before line `before`, oldest first. */
  'jobs.logPage': query(
    z.object({ id: z.string(), before: z.number().int(), limit: z.number().int().min(1).max(5000) }),
    z.array(logLineSchema),
  ),
  /** What the job and the machine used since its start, at most `points` points, then new ones as they come. */
  'jobs.samples': stream({
    input: z.object({ id: z.string(), points: z.number().int().min(10).max(10_000).default(600) }),
    snapshot: columnsSchema,
    delta: columnsSchema,
    apply: appendColumns,
    merge: appendColumns,
  }),
}
