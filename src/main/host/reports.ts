// The contract's reports over the folders of the workspace; making one is a job.
import { join } from 'node:path'
import type { Handlers } from '../../shared/contract/define.ts'
import type { reportsContract } from '../../shared/contract/reports.ts'
import { expected } from '../../shared/errors.ts'
import type { Report } from '../../shared/report.ts'
import { listReports, readPiece } from '../report/report-folder.ts'
import { removeFolder } from '../store/folder.ts'
import type { Workspace } from '../store/workspace.ts'
import type { Desktop } from './desktop.ts'
import { Emitter } from './emitter.ts'
import type { JobChange } from './job-records.ts'

export class Reports {
  readonly #folder: string
  readonly #desktop: Desktop | undefined
  readonly #changed = new Emitter<readonly Report[]>()

  constructor({ reports }: Pick<Workspace, 'reports'>, desktop?: Desktop) {
    this.#folder = reports
    this.#desktop = desktop
  }

  /** A job that writes one has ended. */
  heed(change: JobChange): void {
    if (change.type === 'put' && change.job.kind === 'report' && change.job.state === 'done')
      void this.#tell()
  }

  /** All that are finished, the newest first. */
  list(): Promise<Report[]> {
    return listReports(this.#folder)
  }

  /** Resolves to the bytes that freed. Throws `report/unknown`. */
  async remove(id: string): Promise<number> {
    const freedBytes = await removeFolder((await this.#get(id)).path)
    await this.#tell()
    return freedBytes
  }

  handlers(): Handlers<typeof reportsContract> {
    return {
      'reports.watch': async (_none, sink, { signal }) => {
        sink.snapshot(await this.list())
        this.#changed.listenUntil(signal, (reports) => sink.delta([...reports]))
      },
      'reports.read': async ({ id, file, offset }) => readPiece(await this.#get(id), file, offset),
      'reports.pdf': async ({ id }) => ({ path: await this.#print(await this.#get(id)) }),
      'reports.remove': async ({ id }) => ({ freedBytes: await this.remove(id) }),
    }
  }

  async #print({ path, manifest }: Report): Promise<string> {
    if (!this.#desktop) {
      throw expected(
        'report/no-pdf',
        'Only the desktop app prints a PDF by itself.',
        'Open the HTML and print it: “Save as PDF” gives a clean document.',
      )
    }
    const html = manifest.files.find(({ format }) => format === 'html')
    if (!html) {
      throw expected(
        'report/no-file',
        'A PDF is made of the HTML, which this report has not.',
        'Make it again with HTML among its formats.',
      )
    }
    const pdf = join(path, 'report.pdf')
    await this.#desktop.printPdf(join(path, html.name), pdf)
    await this.#tell()
    return pdf
  }

  async #get(id: string): Promise<Report> {
    const found = (await this.list()).find((report) => report.id === id)
    if (found) return found
    throw expected('report/unknown', `There is no report "${id}".`, 'It may have been deleted.')
  }

  async #tell(): Promise<void> {
    this.#changed.emit(await this.list())
  }
}
