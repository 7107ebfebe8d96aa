// The contract's reports over the folders of the workspace; making one is a job.
import type { Handlers } from '../../shared/contract/define.ts'
import type { reportsContract } from '../../shared/contract/reports.ts'
import { expected } from '../../shared/errors.ts'
import type { Report } from '../../shared/report.ts'
import { listReports, readPiece } from '../report/files.ts'
import { removeFolder } from '../store/folder.ts'
import type { Workspace } from '../store/workspace.ts'
import { Emitter } from './emitter.ts'
import type { JobChange } from './job-records.ts'

export class Reports {
  readonly #folder: string
  readonly #changed = new Emitter<readonly Report[]>()

  constructor({ reports }: Pick<Workspace, 'reports'>) {
    this.#folder = reports
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
      'reports.remove': async ({ id }) => ({ freedBytes: await this.remove(id) }),
    }
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
