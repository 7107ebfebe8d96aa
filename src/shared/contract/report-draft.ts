// The report that is being put together over the wire: one for each workspace, the same on every page.
import { keptDraftSchema } from '../report-draft.ts'
import { command, nothing, stream } from './define.ts'

export const reportDraftContract = {
  /** What is kept, and all of it again after every change. */
  'reportDraft.watch': stream({
    input: nothing,
    snapshot: keptDraftSchema,
    delta: keptDraftSchema,
    apply: (_, after) => after,
    merge: (_, later) => later,
  }),
  /** Keeps it in place of the one before. Rejects `disk/…`. */
  'reportDraft.keep': command(keptDraftSchema, nothing),
}
