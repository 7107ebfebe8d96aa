// The report that is being put together: filled from many pages, and kept in the workspace until it is cleared.
import { create } from 'zustand'
import { freshDraft, type KeptDraft, type ReportDraft } from '../../shared/report-draft.ts'
import type { ReportSection } from '../../shared/report.ts'
import { showDone, succeeds } from './actions.ts'
import { link } from './app.ts'

export const useReportDraft = create<ReportDraft>(() => freshDraft)

/** Milliseconds after the last change until it is kept. */
const PAUSE = 300
const page = `page ${Math.random().toString(36).slice(2)}`
let timer: ReturnType<typeof setTimeout> | undefined
/** Changes that the host has not answered yet. */
let unanswered = 0
/** As it was last kept, here or by another page. */
let kept = freshDraft

link.subscribe('reportDraft.watch', undefined, { state: take })
useReportDraft.subscribe((draft) => {
  if (draft === kept) return
  clearTimeout(timer)
  timer = setTimeout(() => void keep(), PAUSE)
})
window.addEventListener('pagehide', () => {
  if (timer !== undefined) void keep()
})

/** What another page has changed, unless a change of this one is under way. */
function take({ page: by, draft }: KeptDraft): void {
  if (by === page || timer !== undefined || unanswered > 0) return
  kept = draft
  useReportDraft.setState(draft, true)
}

async function keep(): Promise<void> {
  clearTimeout(timer)
  timer = undefined
  kept = useReportDraft.getState()
  unanswered++
  await succeeds('reportDraft.keep', { page, draft: kept })
  unanswered--
}

export function clearDraft(): void {
  useReportDraft.setState({ ...freshDraft, formats: useReportDraft.getState().formats })
}

/** Adds to the contents and says so. */
export function addToReport(section: ReportSection): void {
  const { sections } = useReportDraft.getState()
  const after = withSection(sections, section)
  if (after !== sections) useReportDraft.setState({ sections: after })
  const count = after.length
  showDone(
    after === sections
      ? 'It is in the report already.'
      : `Added to the report, which has ${count} ${count === 1 ? 'entry' : 'entries'} now.`,
  )
}

/** Features join those of the same index; what is there already changes nothing. */
export function withSection(
  sections: readonly ReportSection[],
  added: ReportSection,
): readonly ReportSection[] & ReportSection[] {
  const list = sections as ReportSection[]
  if (added.kind !== 'features') {
    const text = JSON.stringify(added)
    return sections.some((one) => JSON.stringify(one) === text) ? list : [...sections, added]
  }
  const at = sections.findIndex(
    (one) => one.kind === 'features' && one.sae === added.sae && one.harvest === added.harvest,
  )
  const known = sections[at]
  if (known?.kind !== 'features') return [...sections, added]
  const fresher = added.features.filter((feature) => !known.features.includes(feature))
  if (fresher.length === 0) return list
  return list.with(at, { ...known, features: [...known.features, ...fresher] })
}
