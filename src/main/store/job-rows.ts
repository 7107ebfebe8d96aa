// Job rows: the one place that writes them, and the reads that are short enough for the host's own thread.
import { expected } from '../../shared/errors.ts'
import { type Artifact, type Job, jobSchema } from '../../shared/jobs/job.ts'
import type { ReadDb, WriteDb } from './database.ts'

interface JobRow {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly params: string
  readonly state: string
  readonly progress: string
  readonly attempt: number
  readonly pid: number | null
  readonly created_at: number
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly peak_rss: number
  readonly error: string | null
  readonly result: string | null
  /** JSON array of the job's artifacts. */
  readonly artifacts: string
}

const SELECT = `
  SELECT job.*, (
    SELECT json_group_array(json_object('kind', kind, 'path', path, 'bytes', bytes))
    FROM job_artifact WHERE job_artifact.job = job.id
  ) AS artifacts
  FROM job`

/** The newest `limit` jobs, newest first. */
export function listJobs(db: ReadDb, limit: number): Job[] {
  const rows = db.prepare<[number], JobRow>(`${SELECT} ORDER BY created_at DESC, id DESC LIMIT ?`).all(limit)
  return rows.map(toJob)
}

/** The job with this id or unique prefix; throws `jobs/unknown` or `jobs/ambiguous`. */
export function findJob(db: ReadDb, id: string): Job {
  const exact = db.prepare<[string], JobRow>(`${SELECT} WHERE job.id = ?`).get(id)
  if (exact) return toJob(exact)
  // a range, which the index finds: looking at the beginning of every id takes 37 ms for 20,000 jobs
  const [row, another] = db
    .prepare<[string, string], JobRow>(`${SELECT} WHERE job.id > ? AND job.id < ? LIMIT 2`)
    .all(id, `${id}\u{10FFFF}`)
  if (!row || id === '') {
    throw expected('jobs/unknown', `There is no job "${id}".`, 'List the jobs to see their ids.')
  }
  if (another) {
    throw expected('jobs/ambiguous', `More than one job begins with "${id}".`, 'Give more of the id.')
  }
  return toJob(row)
}

/** Jobs that were not at rest when the last host ended, with the process that ran them. */
export function activeJobs(db: ReadDb): { job: Job; pid: number | null }[] {
  const rows = db.prepare<[], JobRow>(`${SELECT} WHERE state IN ('queued', 'running')`).all()
  return rows.map((row) => ({ job: toJob(row), pid: row.pid }))
}

/** Inserts the job or overwrites its row; artifacts are written with `putArtifact`. */
export function putJob(db: WriteDb, job: Job, pid: number | null): void {
  db.prepare(
    `INSERT INTO job (id, kind, title, params, state, progress, attempt, pid, created_at, started_at, ended_at,
       peak_rss, error, result)
     VALUES (@id, @kind, @title, @params, @state, @progress, @attempt, @pid, @createdAt, @startedAt, @endedAt,
       @peakRss, @error, @result)
     ON CONFLICT (id) DO UPDATE SET state = @state, progress = @progress, attempt = @attempt, pid = @pid,
       started_at = @startedAt, ended_at = @endedAt, peak_rss = @peakRss, error = @error, result = @result`,
  ).run({
    ...job,
    params: JSON.stringify(job.params),
    progress: JSON.stringify(job.progress),
    error: job.error && JSON.stringify(job.error),
    result: job.result == null ? null : JSON.stringify(job.result),
    artifacts: null,
    pid,
  })
}

export function putArtifact(db: WriteDb, job: string, artifact: Artifact): void {
  db.prepare(
    `INSERT INTO job_artifact (job, kind, path, bytes) VALUES (?, ?, ?, ?)
     ON CONFLICT (job, path) DO UPDATE SET kind = excluded.kind, bytes = excluded.bytes`,
  ).run(job, artifact.kind, artifact.path, artifact.bytes)
}

/** Removes the row with its log, samples and artifact entries (not the files). */
export function deleteJob(db: WriteDb, id: string): void {
  db.prepare('DELETE FROM job WHERE id = ?').run(id)
}

function toJob(row: JobRow): Job {
  return jobSchema.parse({
    id: row.id,
    kind: row.kind,
    title: row.title,
    params: json(row.params),
    state: row.state,
    progress: json(row.progress),
    attempt: row.attempt,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    peakRss: row.peak_rss,
    error: row.error === null ? null : json(row.error),
    result: row.result === null ? null : json(row.result),
    artifacts: json(row.artifacts),
  })
}

function json(text: string): unknown {
  return JSON.parse(text)
}
