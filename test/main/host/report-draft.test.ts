// The report that is being put together: kept in the workspace, told to every page, and begun anew where it cannot be read.
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { reportDraftHandlers } from '../../../src/main/host/report-draft.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { freshDraft, type KeptDraft, type ReportDraft } from '../../../src/shared/report-draft.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

async function opened() {
  const path = join(await temporaryFolder(), 'workspace.sqlite')
  const db = openForWriting(path, workspaceMigrations)
  onTestFinished(() => void db.close())
  return { db, path }
}

const call = { signal: new AbortController().signal }

/** What a page sees, and how it stops. */
function watching(handlers: ReturnType<typeof reportDraftHandlers>) {
  const seen: KeptDraft[] = []
  const abort = new AbortController()
  const push = (kept: KeptDraft) => void seen.push(kept)
  void handlers['reportDraft.watch'](
    undefined,
    { snapshot: push, delta: push, end: () => undefined },
    { signal: abort.signal },
  )
  return { seen, stop: () => abort.abort() }
}

const draft: ReportDraft = {
  ...{ title: 'Pain', notes: '**seen**', parts: ['logits'], formats: ['html', 'md'] },
  sections: [{ kind: 'features', sae: 'abc', features: [3, 1] }],
}

describe('the draft of a report', () => {
  it('is told to every page, and found again by the next host', async () => {
    const { db, path } = await opened()
    const handlers = reportDraftHandlers(db, path)
    const [one, other] = [watching(handlers), watching(handlers)]
    other.stop()
    await handlers['reportDraft.keep']({ page: 'a', draft }, call)
    expect(one.seen).toEqual([
      { page: null, draft: freshDraft },
      { page: 'a', draft },
    ])
    expect(other.seen).toHaveLength(1)
    await handlers['reportDraft.keep']({ page: 'b', draft: { ...draft, title: 'Pain and joy' } }, call)
    expect(watching(reportDraftHandlers(db, path)).seen).toEqual([
      { page: null, draft: { ...draft, title: 'Pain and joy' } },
    ])
  })

  it('is begun anew where another version wrote it otherwise', async () => {
    const { db, path } = await opened()
    db.prepare('INSERT INTO report_draft (id, content) VALUES (1, ?)').run('{"title":1}')
    expect(watching(reportDraftHandlers(db, path)).seen).toEqual([{ page: null, draft: freshDraft }])
  })
})
