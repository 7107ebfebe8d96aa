// The report that is being put together: filled from many pages, and kept in the browser until it is cleared.
import { create } from 'zustand'
import { z } from 'zod'
import { reportFormats, reportParts, reportSectionSchema, type ReportSection } from '../../shared/report.ts'
import { showDone } from './actions.ts'
import { useApp } from './app.ts'

const draftSchema = z.object({
  title: z.string(),
  notes: z.string(),
  sections: z.array(reportSectionSchema),
  parts: z.array(z.enum(reportParts)),
  formats: z.array(z.enum(reportFormats)),
})
type ReportDraft = z.infer<typeof draftSchema>

const fresh: ReportDraft = {
  ...{ title: '', notes: '', sections: [], formats: ['html'] },
  parts: reportParts.slice(0, 6),
}

export const useReportDraft = create<ReportDraft>(() => fresh)

/** One for each workspace. */
const keyOf = (workspace: string) => `report-draft ${workspace}`
let key: string | null = null

useApp.subscribe(({ host }) => {
  if (!host || key === keyOf(host.workspace.path)) return
  key = keyOf(host.workspace.path)
  useReportDraft.setState(kept(key))
})
useReportDraft.subscribe((draft) => {
  if (key !== null) localStorage.setItem(key, JSON.stringify(draft))
})

function kept(place: string): ReportDraft {
  try {
    return draftSchema.parse(JSON.parse(localStorage.getItem(place) ?? ''))
  } catch {
    return fresh
  }
}

export function clearDraft(): void {
  useReportDraft.setState({ ...fresh, formats: useReportDraft.getState().formats })
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
