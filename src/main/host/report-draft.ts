// The report that is being put together: kept in the workspace, and the same on every page.
import type { Handlers } from '../../shared/contract/define.ts'
import type { reportDraftContract } from '../../shared/contract/report-draft.ts'
import type { KeptDraft } from '../../shared/report-draft.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import { readReportDraft, writeReportDraft } from '../store/report-draft-row.ts'
import { Emitter } from './emitter.ts'

/** `path` is the database's, for errors. */
export function reportDraftHandlers(db: WriteDb, path: string): Handlers<typeof reportDraftContract> {
  const changed = new Emitter<KeptDraft>()
  return {
    'reportDraft.watch': (_none, sink, { signal }) => {
      sink.snapshot({ page: null, draft: readReportDraft(db) })
      changed.listenUntil(signal, (kept) => sink.delta(kept))
    },
    'reportDraft.keep': (kept) => {
      guarded(path, () => writeReportDraft(db, kept.draft))
      changed.emit(kept)
    },
  }
}
