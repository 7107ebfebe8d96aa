// The report that is being put together: title, notes with a preview, contents, and what it is written as.
import { Button, Checkbox, SegmentedControl, Textarea, TextInput, Title } from '@mantine/core'
import { Suspense, useState } from 'react'
import {
  contentsText,
  formatNames,
  partNames,
  type ReportFormat,
  reportFormats,
  type ReportPart,
  reportParts,
} from '../../../shared/report.ts'
import type { SaeEntry } from '../../../shared/saes.ts'
import { act } from '../../state/actions.ts'
import { clearDraft, useReportDraft } from '../../state/report-draft.ts'
import { lazyPart } from '../../ui/lazy-part.ts'
import { ReportContents } from './report-contents.tsx'

const NotesPreview = lazyPart(async () => (await import('./notes-preview.tsx')).NotesPreview)

export function ReportForm({ saes }: { readonly saes: readonly SaeEntry[] }) {
  const { title, notes, sections, parts, formats } = useReportDraft()
  const [view, setView] = useState<'write' | 'preview'>('write')
  const [starting, setStarting] = useState(false)
  const set = useReportDraft.setState
  const problem =
    sections.length === 0
      ? 'Add something to it first.'
      : formats.length === 0
        ? 'Choose at least one format.'
        : parts.length === 0
          ? 'Choose at least one part of a feature.'
          : null
  async function make() {
    setStarting(true)
    const params = {
      ...{ title: title.trim() === '' ? 'Report' : title.trim(), notes, contents: contentsText(sections) },
      ...{ parts: parts.join(','), formats: formats.join(',') },
    }
    await act('jobs.start', { kind: 'report', params })
    setStarting(false)
  }
  return (
    <section className="card report-form" aria-label="New report">
      <div className="card-head">
        <Title order={2}>New report</Title>
        {(sections.length > 0 || notes !== '' || title !== '') && (
          <Button size="compact-xs" className="end" onClick={clearDraft}>
            Start over
          </Button>
        )}
      </div>
      <div className="report-columns">
        <div className="report-side">
          <TextInput
            size="xs"
            label="Title"
            placeholder="Report"
            maxLength={200}
            value={title}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <div>
            <div className="report-notes-head">
              <span className="label" id="report-notes">
                Notes
              </span>
              <SegmentedControl
                size="xs"
                aria-label="Notes as"
                value={view}
                onChange={setView}
                data={[
                  { value: 'write', label: 'Markdown' },
                  { value: 'preview', label: 'Preview' },
                ]}
              />
            </div>
            {view === 'write' ? (
              <Textarea
                size="xs"
                aria-label="Notes in Markdown"
                placeholder="What was found, in **Markdown**. It stands before the contents."
                autosize
                minRows={5}
                maxRows={14}
                value={notes}
                onChange={(event) => set({ notes: event.currentTarget.value })}
              />
            ) : (
              <Suspense fallback={<p className="muted">Reading…</p>}>
                <NotesPreview text={notes.trim() === '' ? '*No notes.*' : notes} />
              </Suspense>
            )}
          </div>
          <Checkbox.Group
            size="xs"
            label="Parts of a feature"
            value={parts}
            onChange={(values) => set({ parts: reportParts.filter((part) => values.includes(part)) })}
          >
            <div className="report-checks">
              {reportParts.map((part: ReportPart) => (
                <Checkbox key={part} size="xs" value={part} label={partNames[part]} />
              ))}
            </div>
          </Checkbox.Group>
        </div>
        <ReportContents saes={saes} sections={sections} />
      </div>
      <div className="report-foot">
        <Checkbox.Group
          size="xs"
          aria-label="Formats"
          value={formats}
          onChange={(values) => set({ formats: reportFormats.filter((format) => values.includes(format)) })}
        >
          <div className="report-formats">
            {reportFormats.map((format: ReportFormat) => (
              <Checkbox key={format} size="xs" value={format} label={formatNames[format]} />
            ))}
          </div>
        </Checkbox.Group>
        <span className="muted fine end">{problem}</span>
        <Button
          data-tour="write"
          variant="filled"
          disabled={problem !== null}
          loading={starting}
          onClick={() => void make()}
        >
          Make the report
        </Button>
      </div>
    </section>
  )
}
