// The registry of harvests: follows the folders of the workspace and the jobs that fill them, and tells what became of each.
import { join } from 'node:path'
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import { harvestConfigSchema, type HarvestManifest } from '../../shared/harvest.ts'
import type { Harvest, HarvestState } from '../../shared/harvests.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { type FoundHarvest, HarvestLibrary } from '../activations/harvest-library.ts'
import { removeFolder } from '../store/folder.ts'
import type { Workspace } from '../store/workspace.ts'
import { Emitter } from './emitter.ts'
import { harvestReadBy } from './job-inputs.ts'
import type { JobChange } from './job-records.ts'
import type { Jobs } from './jobs.ts'

interface HarvestsOptions {
  readonly workspace: Workspace
  readonly jobs: Pick<Jobs, 'list' | 'get' | 'delete'>
  readonly onProblem: (problem: ErrorData) => void
  /** Lets go of what is read of a harvest, so that its files can be deleted. */
  readonly release: (id: string) => Promise<void>
}

/** One that is active is among the newest. */
const JOBS_LOOKED_AT = 200

export class Harvests {
  /** The whole list, whenever it has changed. */
  readonly changed = new Emitter<readonly Harvest[]>()
  readonly #options: HarvestsOptions
  readonly #library: HarvestLibrary
  /** Of the jobs that harvest, as they were last told. */
  readonly #states = new Map<string, string>()
  #told = ''

  constructor(options: HarvestsOptions) {
    this.#options = options
    this.#library = new HarvestLibrary(options.workspace.harvests)
  }

  /** The newest first: folders, and jobs that have not made theirs yet. Throws `disk/…`. */
  async list(): Promise<Harvest[]> {
    const found = await this.#library.scan()
    const jobs = this.#options.jobs.list(JOBS_LOOKED_AT)
    const begun = new Set(found.map(({ id }) => id))
    const coming = jobs.filter(
      ({ id, kind, state }) => kind === 'harvest' && isActive(state) && !begun.has(id),
    )
    return [
      ...coming.map((job) => this.#coming(job)),
      ...found.map((harvest) => this.#described(harvest, this.#jobOf(harvest.id))),
    ]
  }

  /** By id or unique prefix; throws `harvest/unknown`, `harvest/ambiguous`, `disk/…`. */
  async get(id: string): Promise<{ readonly harvest: Harvest; readonly manifest: HarvestManifest | null }> {
    const all = await this.list()
    const matching = all.filter((harvest) => id !== '' && harvest.id.startsWith(id))
    const harvest = matching.find((candidate) => candidate.id === id) ?? matching[0]
    if (!harvest) {
      throw expected('harvest/unknown', `There is no harvest "${id}".`, 'List the harvests to see their ids.')
    }
    if (matching.length > 1 && harvest.id !== id) {
      throw expected(
        'harvest/ambiguous',
        `${matching.length} harvests begin with "${id}".`,
        'Give more of the id.',
      )
    }
    const found = await this.#library.look(harvest.id)
    return { harvest, manifest: found?.manifest ?? null }
  }

  /**
   * Resolves with the bytes that freed; of an unfinished one the job goes too, which has nothing to go on with.
   * Throws `harvest/in-use`.
   */
  async remove(id: string): Promise<number> {
    const { harvest } = await this.get(id)
    const user = await this.#userOf(harvest)
    if (user) {
      throw expected(
        'harvest/in-use',
        `${user.title} needs this harvest, and is ${user.state === 'queued' ? 'waiting' : 'running'}.`,
        'Let it end or cancel it first.',
      )
    }
    await this.#options.release(harvest.id)
    const freed =
      harvest.done === null && harvest.resumable
        ? await this.#options.jobs.delete(harvest.id)
        : await removeFolder(harvest.path)
    await this.look()
    return freed
  }

  /** Bytes of what a job of this kind leaves when it is deleted before it was done: a folder that nothing finishes. */
  async leftBy(job: Job): Promise<number> {
    return (await this.#leftBy(job))?.bytes ?? 0
  }

  /** Removes that. */
  async discard(job: Job): Promise<number> {
    const left = await this.#leftBy(job)
    return left ? removeFolder(left.folder) : 0
  }

  /** A harvest's job has begun, ended or gone: progress alone changes nothing in the list. */
  heed(change: JobChange): void {
    const id = change.type === 'put' ? change.job.id : change.id
    const state = change.type === 'put' ? change.job.state : undefined
    if (change.type === 'put' && change.job.kind !== 'harvest') return
    if (this.#states.get(id) === state) return
    if (state === undefined) this.#states.delete(id)
    else this.#states.set(id, state)
    void this.look()
  }

  /** Looks at the folders again, and tells what has changed; never rejects. */
  async look(): Promise<void> {
    try {
      const list = await this.list()
      const text = JSON.stringify(list)
      if (text === this.#told) return
      this.#told = text
      this.changed.emit(list)
    } catch (error) {
      this.#options.onProblem(toErrorData(error))
    }
  }

  /** The job that makes the harvest or reads it, while it is under way. */
  async #userOf({ id, path }: Harvest): Promise<Job | undefined> {
    for (const job of this.#options.jobs.list(JOBS_LOOKED_AT)) {
      if (!isActive(job.state)) continue
      if (
        job.kind === 'harvest' ? job.id === id : (await harvestReadBy(this.#options.workspace, job)) === path
      )
        return job
    }
    return undefined
  }

  async #leftBy({ id, kind }: Job): Promise<FoundHarvest | undefined> {
    const found = kind === 'harvest' ? await this.#library.look(id) : null
    return found && !found.finished ? found : undefined
  }

  #jobOf(id: string): Job | undefined {
    try {
      const job = this.#options.jobs.get(id)
      return job.id === id && job.kind === 'harvest' ? job : undefined
    } catch {
      return undefined
    }
  }

  #coming(job: Job): Harvest {
    return {
      ...{ id: job.id, state: stateOf(job), problem: null, resumable: true, at: job.createdAt },
      ...{ path: join(this.#options.workspace.harvests, job.id), bytes: 0, done: null },
      config: harvestConfigSchema.safeParse(job.params).data ?? null,
    }
  }

  #described(found: FoundHarvest, job: Job | undefined): Harvest {
    const { id, folder, at, bytes, manifest, problem, finished } = found
    const common = { id, path: folder, at: Math.round(at), bytes, resumable: !finished && job !== undefined }
    if (finished) {
      const state = problem === null ? 'ready' : 'damaged'
      return { ...common, problem, state, config: found.config, done: manifest && doneOf(manifest) }
    }
    const config = found.config ?? harvestConfigSchema.safeParse(job?.params).data ?? null
    return { ...common, config, done: null, state: stateOf(job), problem: whyStopped(job) }
  }
}

function doneOf({ model, ledger }: HarvestManifest): Harvest['done'] {
  const { documents, contexts, rows, split } = ledger
  return { model, documents: documents.used, contexts, rows, split }
}

function stateOf(job: Job | undefined): HarvestState {
  if (job?.state === 'running') return 'running'
  return job?.state === 'queued' ? 'waiting' : 'stopped'
}

function whyStopped(job: Job | undefined): string | null {
  if (!job) return 'It was not finished, and its job is gone: it can only be deleted.'
  return job.error && !isActive(job.state) ? job.error.message : null
}
