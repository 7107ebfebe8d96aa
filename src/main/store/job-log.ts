// The log of each job: appended in batches, bounded, read by page.
import type { LogLine } from '../../shared/jobs/job.ts'
import type { ReadDb, WriteDb } from './database.ts'

/** Lines kept per job; the oldest go first. */
export const LOG_LIMIT = 20_000

/** Appends lines, which carry increasing `seq`, and drops the oldest beyond the limit; one transaction. */
export function appendLog(db: WriteDb, job: string, lines: readonly LogLine[]): void {
  const last = lines.at(-1)
  if (!last) return
  const insert = db.prepare('INSERT INTO job_log (job, seq, at, level, text) VALUES (?, ?, ?, ?, ?)')
  db.transaction(() => {
    for (const line of lines) insert.run(job, line.seq, line.at, line.level, line.text)
    db.prepare('DELETE FROM job_log WHERE job = ? AND seq <= ?').run(job, last.seq - LOG_LIMIT)
  })()
}

/** Up to `limit` lines before line `before`, oldest first. */
export function readLog(db: ReadDb, job: string, before: number, limit: number): LogLine[] {
  return db
    .prepare<[string, number, number], LogLine>(
      'SELECT seq, at, level, text FROM job_log WHERE job = ? AND seq < ? ORDER BY seq DESC LIMIT ?',
    )
    .all(job, before, limit)
    .reverse()
}

/** The number of the newest line; 0 when there is none. */
export function lastLogLine(db: ReadDb, job: string): number {
  const row = db
    .prepare<[string], { seq: number | null }>('SELECT max(seq) AS seq FROM job_log WHERE job = ?')
    .get(job)
  return row?.seq ?? 0
}
