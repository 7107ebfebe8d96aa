// The report that is being put together over the wire: one for each workspace, the same on every page.
import { keptDraftSchema } from '../report-draft.ts'
import { command, latest, nothing } from './define.ts'

export const reportDraftContract = {
  /** What is kept, and all of it again after every change. */
  'reportDraft.watch': latest(nothing, keptDraftSchema),
  /** Keeps it in place of the one before. Rejects `disk/…`. */
  'reportDraft.keep': command(keptDraftSchema, nothing),
}
