// What each job and the machine used over time: written as it comes, read with at most as many points as a chart shows.
import type { Sample } from '../../shared/jobs/job.ts'
import { type SampleColumn, sampleColumns } from '../../shared/jobs/series.ts'
import type { ReadDb, WriteDb } from './database.ts'

/** "diskRead" → "disk_read". */
function columnName(column: SampleColumn): string {
  return column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** Columns of which a bucket keeps its highest value: what killed the job must not be averaged away. */
const peaks: ReadonlySet<SampleColumn> = new Set(['rss', 'vram', 'machineMemoryUsed', 'machineVramUsed'])

export function appendSamples(db: WriteDb, job: string, samples: readonly Sample[]): void {
  const insert = db.prepare(
    `INSERT OR REPLACE INTO job_sample (job, ${sampleColumns.map(columnName).join(', ')})
     VALUES (@job, ${sampleColumns.map((column) => `@${column}`).join(', ')})`,
  )
  db.transaction(() => {
    for (const sample of samples) insert.run({ job, ...sample })
  })()
}

/** The job's whole series in at most `points` buckets of equal time: peaks for memory, means for the rest. */
export function readSamples(db: ReadDb, job: string, points: number): Sample[] {
  const range = db
    .prepare<[string], { first: number | null; last: number | null; count: number }>(
      'SELECT min(at) AS first, max(at) AS last, count(*) AS count FROM job_sample WHERE job = ?',
    )
    .get(job)
  if (range?.first == null || range.last === null) return []
  const width = range.count <= points ? 1 : Math.ceil((range.last - range.first + 1) / points)
  const columns = sampleColumns.map((column) => {
    const reduce = column === 'at' || peaks.has(column) ? 'max' : 'avg'
    return `${reduce}(${columnName(column)}) AS ${column}`
  })
  return db
    .prepare<[string, number, number], Sample>(
      `SELECT ${columns.join(', ')} FROM job_sample WHERE job = ? GROUP BY CAST((at - ?) / ? AS INTEGER) ORDER BY at`,
    )
    .all(job, range.first, width)
}
