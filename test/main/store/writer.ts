// A process that appends log lines as fast as it can and tells how many are committed, until it is killed.
import { openForWriting } from '../../../src/main/store/database.ts'
import { appendLog } from '../../../src/main/store/job-log.ts'
import { putJob } from '../../../src/main/store/job-rows.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { jobNamed } from '../../helpers/jobs.ts'

const db = openForWriting(process.argv[2] ?? '', workspaceMigrations)
putJob(db, jobNamed('job'), null)
let seq = 0
function append(): void {
  appendLog(db, 'job', [{ seq: ++seq, at: seq, level: 'info', text: 'x'.repeat(200) }])
  process.send?.(seq)
  setImmediate(append)
}
append()
