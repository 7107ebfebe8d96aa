// Writes a report: every piece is read once and goes to all formats; the folder appears when all of it is there.
import { cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import {
  contentsText,
  type ReportFormat,
  type ReportManifest,
  type ReportSection,
} from '../../shared/report.ts'
import { AtomicFile, writeFileAtomic } from '../store/atomic.ts'
import { explained } from '../store/io-error.ts'
import type { Workspace } from '../store/workspace.ts'
import { ReportContents } from './contents.ts'
import { csvWriter } from './csv.ts'
import { MANIFEST } from './report-folder.ts'
import { htmlWriter } from './html.ts'
import { jsonWriter } from './json.ts'
import { markdownWriter } from './markdown.ts'
import { type NamedWriter, neuronpediaFiles } from './neuronpedia.ts'
import { parquetWriter } from './parquet.ts'
import { heapTidier } from './tidy-heap.ts'
import type { Content, ReportHead, ReportWriter } from './writer.ts'

export interface ReportOrder {
  readonly id: string
  readonly workspace: Workspace
  readonly sections: readonly ReportSection[]
  readonly head: ReportHead
  readonly formats: readonly ReportFormat[]
  /** "Monoscope 0.1.0". */
  readonly program: string
}

interface ReportWatch {
  onProgress(done: number, total: number): void
  checkpoint(): Promise<void>
}

const writers: Readonly<Record<Exclude<ReportFormat, 'neuronpedia'>, () => ReportWriter>> = {
  html: htmlWriter,
  json: jsonWriter,
  csv: () => csvWriter,
  md: () => markdownWriter,
  parquet: parquetWriter,
}

/** One file a format, but Neuronpedia's, which is a folder for each index. */
async function writersOf(
  format: ReportFormat,
  contents: ReportContents,
  head: ReportHead,
): Promise<NamedWriter[]> {
  if (format !== 'neuronpedia') return [{ name: `report.${format}`, writer: writers[format]() }]
  const indexes = await contents.indexes()
  if (indexes.length > 0) return indexes.flatMap((index) => neuronpediaFiles(index, head))
  throw expected(
    'report/no-features',
    'Neuronpedia holds features, and the report has none.',
    'Add features or a list, or choose another format.',
  )
}

/** Throws what `ReportContents.open` throws, `report/no-features`, `disk/…`, and what `checkpoint` throws; nothing is left then. */
export async function writeReport(order: ReportOrder, watch: ReportWatch): Promise<ReportManifest> {
  const { workspace, sections, head, formats, program } = order
  const contents = await ReportContents.open(workspace, sections)
  const folder = join(workspace.reports, order.id)
  const work = join(workspace.reports, `.${order.id}.writing`)
  const files: {
    readonly name: string
    readonly format: ReportFormat
    readonly file: AtomicFile
    bytes: number
  }[] = []
  try {
    // what an earlier attempt left is begun anew: it takes seconds
    await rm(work, { recursive: true, force: true })
    await explained(work, () => mkdir(work))
    const open: { readonly writer: ReportWriter; readonly at: number }[] = []
    for (const format of formats) {
      for (const { name, writer } of await writersOf(format, contents, head)) {
        const path = join(work, name)
        await explained(path, () => mkdir(dirname(path), { recursive: true }))
        files.push({ name, format, file: await AtomicFile.create(path), bytes: 0 })
        open.push({ writer, at: files.length - 1 })
      }
    }
    const write = async (content: (writer: ReportWriter) => Content | Promise<Content>) => {
      for (const { writer, at } of open) {
        const target = files[at]!
        const piece = await content(writer)
        if (piece.length === 0) continue
        target.bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length
        await target.file.write(piece)
      }
    }
    const outline = await contents.outline()
    await write((writer) => writer.begin(head, outline))
    const tidy = heapTidier()
    const total = contents.features + contents.sections
    let done = 0
    for await (const piece of contents.pieces()) {
      await write((writer) => writer.piece(piece, head))
      tidy()
      watch.onProgress(Math.min(++done, total), total)
      await watch.checkpoint()
    }
    const sources = { program, contents: contentsText(sections), sources: await contents.sources() }
    await write((writer) => writer.end(sources))
    for (const { file } of files) await file.commit()
    const manifest: ReportManifest = {
      ...{ kind: 'report', format: 1, title: head.title, at: head.at },
      ...{ features: contents.features, sections: contents.sections },
      files: files.map(({ name, format, bytes }) => ({ name, format, bytes })),
    }
    await writeFileAtomic(join(work, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`)
    await explained(folder, () => rename(work, folder))
    return manifest
  } catch (error) {
    for (const { file } of files) await file.abort()
    await rm(work, { recursive: true, force: true }).catch(() => undefined)
    throw error
  } finally {
    await contents.close()
  }
}

/** Throws `report/exists`, `report/no-place` where a copy could not be put at `out`. */
export async function assertFree(out: string): Promise<void> {
  if (await stat(out).catch(() => null)) {
    throw expected(
      'report/exists',
      `${out} is there already.`,
      'Name a file or folder that does not exist yet.',
    )
  }
  if (!(await stat(dirname(out)).catch(() => null))) {
    throw expected(
      'report/no-place',
      `There is no folder ${dirname(out)}.`,
      'Make it first, or choose another.',
    )
  }
}

/** One file is copied as `out`, several as a folder of that name. Throws `disk/…`. */
export async function copyReport(folder: string, { files }: ReportManifest, out: string): Promise<void> {
  const [only] = files
  const from = files.length === 1 && only ? join(folder, only.name) : folder
  const part = join(dirname(out), `.${basename(out)}.part`)
  try {
    await explained(out, async () => {
      await cp(from, part, { recursive: true })
      await rename(part, out)
    })
  } finally {
    await rm(part, { recursive: true, force: true }).catch(() => undefined)
  }
}
