// The finished reports, one row each: opened, saved in each of their formats, deleted.
import { Button, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { formatNames, type Report } from '../../../shared/report.ts'
import { formatBytes } from '../../../shared/units.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { DeleteDialog } from '../../ui/delete-dialog.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { openReport, saveReport } from './report-file.ts'

export function ReportList({ reports }: { readonly reports: readonly Report[] }) {
  const desktop = useApp(({ host }) => host?.capabilities.reveal ?? false)
  return (
    <section className="card report-list" aria-label="Finished reports">
      <div className="card-head">
        <Title order={2}>In this workspace</Title>
        {!desktop && (
          <span className="muted fine">
            For a PDF, open the HTML and print it: “Save as PDF” gives a clean document.
          </span>
        )}
      </div>
      <ul>
        {reports.map((report) => (
          <Row key={report.id} report={report} desktop={desktop} />
        ))}
      </ul>
    </section>
  )
}

function Row({ report, desktop }: { readonly report: Report; readonly desktop: boolean }) {
  const [asking, question] = useDisclosure(false)
  const { id, bytes, manifest } = report
  const { title, at, features, files } = manifest
  // several stand below each other: each button says whose it is
  const of = { 'aria-describedby': `report-${id}` }
  const page = files.find(({ format }) => format === 'html')
  async function remove() {
    const removed = await act('reports.remove', { id })
    if (removed) showDone(`Deleted; that freed ${formatBytes(removed.freedBytes)}.`)
  }
  async function print() {
    const printed = await act('reports.pdf', { id })
    if (printed) await act('host.reveal', { path: printed.path })
  }
  return (
    <li aria-label={title}>
      <span className="what">
        <strong className="cut" id={`report-${id}`}>
          {title}
        </strong>
        <span className="muted fine">
          {files.some(({ format }) => format === 'neuronpedia') && `Neuronpedia folder in ${report.path} · `}
          {formatTime(at)} · {features} {features === 1 ? 'feature' : 'features'} · {formatBytes(bytes)}
        </span>
      </span>
      {page && (
        <Button
          {...of}
          data-tour="report"
          size="compact-sm"
          variant="filled"
          onClick={() => void openReport(report, page)}
        >
          {desktop ? 'Show in folder' : 'Open'}
        </Button>
      )}
      {page && desktop && (
        <Button {...of} size="compact-sm" onClick={() => void print()}>
          PDF
        </Button>
      )}
      {/* a page can save files, no folder */}
      {files
        .filter(({ format }) => format !== 'neuronpedia')
        .map((file) => (
          <Button key={file.name} size="compact-sm" {...of} onClick={() => void saveReport(report, file)}>
            Save {formatNames[file.format]}
          </Button>
        ))}
      <Button size="compact-sm" color="red" {...of} onClick={question.open}>
        Delete…
      </Button>
      <DeleteDialog
        title={`Delete the report “${title}”?`}
        opened={asking}
        onClose={question.close}
        onDelete={remove}
      >
        <p className="lead">
          Its files are deleted, which frees {formatBytes(bytes)}. Nothing depends on it: what it was made of
          stays, and so do copies that were saved. This cannot be undone.
        </p>
      </DeleteDialog>
    </li>
  )
}
