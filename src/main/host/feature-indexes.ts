// The indexes of SAEs as their folders tell, and threads that read them: kept while they are asked, begun anew when files change.
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expected, MonoscopeError, toErrorData } from '../../shared/errors.ts'
import type { FeatureIndex, IndexManifest, IndexPlace } from '../../shared/features.ts'
import type { Harvest } from '../../shared/harvests.ts'
import type { Job } from '../../shared/jobs/job.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { INDEX, readHarvest } from '../activations/harvest-folder.ts'
import { readIndexManifest } from '../features/feature-index.ts'
import { featureReader } from '../features/feature-reads.ts'
import { assertWhole, indexesOf, MANIFEST } from '../features/index-folder.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { folderBytes, removeFolder } from '../store/folder.ts'
import { stampOf } from '../store/stamp.ts'
import type { Workspace } from '../store/workspace.ts'
import type { Harvests } from './harvests.ts'
import { harvestReadBy, saeReadBy } from './job-inputs.ts'
import type { Jobs } from './jobs.ts'

interface IndexesOptions {
  readonly workspace: Workspace
  readonly jobs: Pick<Jobs, 'list'>
  readonly harvests: Pick<Harvests, 'list'>
  /** The folder of the checkpoint with that hash, or of that name outside of workspaces; null where there is none. */
  readonly modelWith: (model: { readonly hash: string; readonly name: string }) => string | null
}

interface Open {
  readonly stamp: string
  readonly reader: ReturnType<typeof featureReader>
}

/** Indexes that are held open. */
const MOST = 3
const JOBS_LOOKED_AT = 200
/** The folder of one that is not finished. */
const WORK = /^\.(.+)\.building$/

export class FeatureIndexes {
  readonly #options: IndexesOptions
  /** By folder; the one that was asked last comes last. */
  readonly #open = new Map<string, Open>()

  constructor(options: IndexesOptions) {
    this.#options = options
  }

  /** Throws `sae/unknown`, `sae/ambiguous`. */
  saeFolder(sae: string): Promise<string> {
    return resolveArtifact(this.#options.workspace.saes, sae, 'sae')
  }

  /** The newest first, unfinished ones too. Throws `sae/unknown`, `sae/ambiguous`. */
  async list(sae: string): Promise<FeatureIndex[]> {
    const folder = await this.saeFolder(sae)
    const names = await readdir(indexesOf(folder)).catch(() => [])
    const found = await Promise.all(names.map((name) => this.#look(folder, name)))
    return found.flatMap((one) => one ?? []).sort((a, b) => b.at - a.at)
  }

  /** Throws what a place rejects (see the contract), and what the read throws; the next read opens it anew then. */
  async read<T>(place: IndexPlace, work: (reader: Open['reader'], folder: string) => Promise<T>): Promise<T> {
    const folder = await this.#folderOf(place)
    const open = await this.#opened(folder)
    try {
      return await work(open.reader, folder)
    } catch (error) {
      // a question that is wrong says nothing about the files
      const asked =
        error instanceof MonoscopeError &&
        (/^(search|harvest|cancelled)/.test(error.code) ||
          /^features\/(unknown|no-context)$/.test(error.code))
      if (!asked) await this.release(folder)
      throw error
    }
  }

  /** The index of the harvest that an index was made of, where it still is; throws `harvest/gone`, `harvest/damaged`. */
  async harvestIndex({ harvest }: IndexManifest): Promise<string> {
    const problem = await this.#harvestProblem(harvest)
    if (problem === null) return join(await this.#harvestFolder(harvest), INDEX)
    throw expected(
      'harvest/gone',
      problem,
      'Features stay readable; to search the text of contexts, put the harvest back, or index another.',
    )
  }

  /** Throws `features/none`, `features/in-use`. */
  async remove(sae: string, harvest: string): Promise<number> {
    const folder = await this.saeFolder(sae)
    const found = (await this.list(sae)).filter((index) => index.harvest === harvest)
    if (found.length === 0) throw none(sae)
    if (found.some(({ state }) => state === 'building')) {
      throw expected('features/in-use', 'A job builds this index.', 'Let it end, or cancel it first.')
    }
    let freed = 0
    for (const { path } of found) {
      await this.release(path)
      freed += await removeFolder(path)
    }
    await this.#forget(folder)
    return freed
  }

  /** Ends what reads of the SAE's indexes: on some systems a file that is open cannot be deleted. */
  async releaseSae(folder: string): Promise<void> {
    for (const path of [...this.#open.keys()])
      if (path.startsWith(indexesOf(folder))) await this.release(path)
  }

  async release(folder: string): Promise<void> {
    const open = this.#open.get(folder)
    this.#open.delete(folder)
    await open?.reader.close()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((folder) => this.release(folder)))
  }

  async #forget(folder: string): Promise<void> {
    const left = await readdir(indexesOf(folder)).catch(() => null)
    if (left?.length === 0) await removeFolder(indexesOf(folder))
  }

  async #opened(folder: string): Promise<Open> {
    const stamp = await stampOf(join(folder, MANIFEST))
    const known = this.#open.get(folder)
    if (known?.stamp === stamp) {
      this.#open.delete(folder)
      this.#open.set(folder, known)
      return known
    }
    await this.release(folder)
    const open = { stamp, reader: featureReader(folder) }
    this.#open.set(folder, open)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MOST && oldest !== undefined) await this.release(oldest)
    return open
  }

  async #folderOf({ sae, harvest }: IndexPlace): Promise<string> {
    const wanted = harvest === undefined ? undefined : basename(harvest)
    const all = (await this.list(sae)).filter(
      (index) => wanted === undefined || index.harvest.startsWith(wanted),
    )
    const exact = all.filter((index) => index.harvest === wanted)
    const [found] = [...exact, ...all].filter(({ state }) => state === 'ready')
    if (found) return found.path
    const [other] = [...exact, ...all]
    if (!other) throw none(sae)
    if (other.state === 'building' || other.state === 'stopped') {
      throw expected(
        'features/unfinished',
        `The index of ${sae} on ${other.harvest} is not finished.`,
        other.state === 'stopped' ? 'Resume its job, or index again.' : 'Let its job end.',
      )
    }
    throw expected(
      `features/${other.state}`,
      other.problem ?? 'The index cannot be read.',
      'Index the SAE again: monoscope index --sae S.',
    )
  }

  async #look(sae: string, name: string): Promise<FeatureIndex | null> {
    const path = join(indexesOf(sae), name)
    const harvest = WORK.exec(name)?.[1]
    const stats = await stat(path).catch(() => null)
    if (!stats?.isDirectory()) return null
    const common = { path, bytes: await folderBytes(path), manifest: null, missing: [] }
    if (harvest !== undefined) {
      const job = await this.#builderOf(sae, harvest)
      return {
        ...{ ...common, harvest, at: stats.birthtimeMs, problem: null },
        state: job ? 'building' : 'stopped',
      }
    }
    const written = await stat(join(path, MANIFEST)).catch(() => null)
    const at = written?.mtimeMs ?? stats.birthtimeMs
    try {
      const manifest = await readIndexManifest(path)
      await assertWhole(path)
      const missing = await this.#missing(manifest, sae, at)
      return { ...common, harvest: name, at, manifest, missing, state: 'ready', problem: null }
    } catch (error) {
      const { kind, code, message } = toErrorData(error)
      if (kind === 'bug') throw error
      const state = code === 'features/outdated' ? 'outdated' : 'damaged'
      return { ...common, harvest: name, at, state, problem: message }
    }
  }

  /** The job that makes the index of the SAE (a folder) on that harvest. */
  async #builderOf(sae: string, harvest: string): Promise<Job | undefined> {
    const { workspace, jobs } = this.#options
    for (const job of jobs.list(JOBS_LOOKED_AT)) {
      if (job.kind !== 'index' || !isActive(job.state) || (await saeReadBy(workspace, job)) !== sae) continue
      const source = await harvestReadBy(workspace, job)
      if (source !== null && basename(source) === harvest) return job
    }
    return undefined
  }

  async #missing(
    { harvest, model }: IndexManifest,
    sae: string,
    at: number,
  ): Promise<FeatureIndex['missing']> {
    const problem = await this.#harvestProblem(harvest)
    const weights = await newestWeights(sae)
    return [
      ...(problem === null ? [] : [{ what: 'harvest' as const, text: problem }]),
      ...(this.#options.modelWith(model) === null
        ? [{ what: 'model' as const, text: `The model ${model.name} is not in this workspace.` }]
        : []),
      ...(weights > at
        ? [{ what: 'sae' as const, text: 'The weights of the SAE were written after it was indexed.' }]
        : []),
    ]
  }

  async #harvestFolder({ id, path }: IndexManifest['harvest']): Promise<string> {
    const here = await this.#harvestHere(id)
    return here?.path ?? path
  }

  async #harvestHere(id: string): Promise<Harvest | undefined> {
    return (await this.#options.harvests.list()).find((harvest) => harvest.id === id)
  }

  async #harvestProblem(wanted: IndexManifest['harvest']): Promise<string | null> {
    const here = await this.#harvestHere(wanted.id)
    if (here && here.state !== 'ready')
      return `The harvest ${wanted.id} cannot be read: ${here.problem ?? here.state}.`
    const folder = here?.path ?? wanted.path
    const manifest = await readHarvest(folder).catch(() => null)
    if (!manifest) return `The harvest ${wanted.id} is neither in this workspace nor at ${wanted.path}.`
    const { rows, contexts } = manifest.ledger
    if (rows === wanted.rows && contexts === wanted.contexts) return null
    return `${folder} is another harvest than the one that was indexed.`
  }
}

async function newestWeights(sae: string): Promise<number> {
  const names = (await readdir(sae).catch(() => [])).filter(
    (name) => name.endsWith('.safetensors') && !name.startsWith('sparsity'),
  )
  const times = await Promise.all(names.map((name) => stat(join(sae, name)).catch(() => null)))
  return Math.max(0, ...times.map((stats) => stats?.mtimeMs ?? 0))
}

function none(sae: string): MonoscopeError {
  return expected('features/none', `The SAE ${sae} has no index yet.`, 'Index it: monoscope index --sae S.')
}
