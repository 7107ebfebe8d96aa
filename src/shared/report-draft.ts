// The report that is being put together in a workspace: what it will hold, and what it will be written as.
import { z } from 'zod'
import { reportFormats, reportParts, reportSectionSchema, usualParts } from './report.ts'

export const reportDraftSchema = z.object({
  title: z.string(),
  /** Markdown. */
  notes: z.string(),
  sections: z.array(reportSectionSchema),
  parts: z.array(z.enum(reportParts)),
  formats: z.array(z.enum(reportFormats)),
})
export type ReportDraft = z.infer<typeof reportDraftSchema>

export const freshDraft: ReportDraft = {
  ...{ title: '', notes: '', sections: [], formats: ['html'] },
  parts: usualParts,
}

export const keptDraftSchema = z.object({
  /** The page that changed it last; null where none has since the host began. */
  page: z.string().nullable(),
  draft: reportDraftSchema,
})
export type KeptDraft = z.infer<typeof keptDraftSchema>
