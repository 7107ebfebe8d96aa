// The report that is being put together as the one row it is.
import { freshDraft, type ReportDraft, reportDraftSchema } from '../../shared/report-draft.ts'
import type { ReadDb, WriteDb } from './database.ts'

/** An empty one where there is none, or one that another version wrote otherwise. */
export function readReportDraft(db: ReadDb): ReportDraft {
  const row = db.prepare<[], { content: string }>('SELECT content FROM report_draft').get()
  if (!row) return freshDraft
  return reportDraftSchema.safeParse(JSON.parse(row.content)).data ?? freshDraft
}

export function writeReportDraft(db: WriteDb, draft: ReportDraft): void {
  db.prepare('INSERT OR REPLACE INTO report_draft (id, content) VALUES (1, ?)').run(JSON.stringify(draft))
}
