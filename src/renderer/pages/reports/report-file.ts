// A file of a report from the host: opened beside the app, or saved.
import type { Report } from '../../../shared/report.ts'
import { act, showDone } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { saveFile } from '../../state/save-file.ts'

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html;charset=utf-8',
  json: 'application/json',
  csv: 'text/csv;charset=utf-8',
  md: 'text/markdown;charset=utf-8',
}

type ReportFile = Report['manifest']['files'][number]

/** Undefined after a toast. */
async function read(id: string, { name, format }: ReportFile): Promise<Blob | undefined> {
  const pieces: Uint8Array<ArrayBuffer>[] = []
  for (let offset = 0, total = 1; offset < total;) {
    const piece = await act('reports.read', { id, file: name, offset })
    if (!piece) return undefined
    pieces.push(piece.bytes)
    total = piece.total
    if (piece.bytes.length === 0) break
    offset += piece.bytes.length
  }
  return new Blob(pieces, { type: TYPES[format] ?? 'application/octet-stream' })
}

/** In a tab of its own; on a desktop the system shows the file, which no page may open. */
export async function openReport({ id, path }: Report, file: ReportFile): Promise<void> {
  if (useApp.getState().host?.capabilities.reveal === true) {
    await act('host.reveal', { path: `${path}/${file.name}` })
    return
  }
  const blob = await read(id, file)
  if (!blob) return
  // it stays as long as this page: the tab may be loaded again
  if (window.open(URL.createObjectURL(blob), '_blank')) return
  saveFile(file.name, blob)
  showDone('Saved: this browser lets no page open a tab.')
}

export async function saveReport({ id, manifest }: Report, file: ReportFile): Promise<void> {
  const blob = await read(id, file)
  const name = manifest.title.trim()
  if (blob) saveFile(`${name === '' ? 'report' : name}.${file.format}`, blob)
}
