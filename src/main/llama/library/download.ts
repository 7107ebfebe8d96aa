// Fetches a model from the Hugging Face Hub: only what a LLaMA needs, each file checked, continued after any interruption.
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { expected } from '../../../shared/errors.ts'
import type { HubAccess } from '../../../shared/hub.ts'
import type { JobParams, JobResult } from '../../../shared/jobs/kinds.ts'
import type { ModelFile } from '../../../shared/models.ts'
import { formatBytes, formatSeconds } from '../../../shared/units.ts'
import { writeFileAtomic } from '../../store/atomic.ts'
import { download } from '../../store/download.ts'
import { needSpace } from '../../store/free-space.ts'
import type { Patience } from '../../store/patience.ts'
import { readConfig } from '../config-json.ts'
import { CONFIG, INDEX, isSafeName, sidecarsOf, SINGLE } from '../model-files.ts'
import { openCheckpoint } from '../open-checkpoint.ts'
import { findWeightFiles } from '../weight-files.ts'
import {
  explainRefusal,
  fileUrl,
  headersOf,
  type HubFile,
  type HubListing,
  hubListingSchema,
  listRepository,
} from './hub.ts'
import { manifestOf } from './manifest.ts'
import { place } from './place.ts'
import type { Work } from './work.ts'

type Params = JobParams<'download'>

/** What an attempt leaves for the next: the commit it fetches, and the SHA-256 of each file that is complete. */
const noteSchema = z.object({
  endpoint: z.string(),
  listing: hubListingSchema,
  complete: z.record(z.string(), z.string()),
})
type Note = z.infer<typeof noteSchema>

/** Throws `hub/…`, `network/…`, `download/…`, `disk/…` and what `openCheckpoint` does; nothing is registered then. */
export async function downloadModel(
  params: Params,
  access: HubAccess,
  work: Work,
): Promise<JobResult<'download'>> {
  const fetching = new Fetching(params, access, work)
  return fetching.run()
}

class Fetching {
  readonly #params: Params
  readonly #access: HubAccess
  readonly #work: Work
  readonly #notePath: string
  readonly #staged: string
  readonly #patience: Patience
  #most = 0

  constructor(params: Params, access: HubAccess, work: Work) {
    this.#params = params
    this.#access = access
    this.#work = work
    this.#notePath = join(work.folder, 'download.json')
    this.#staged = join(work.folder, 'model')
    this.#patience = {
      signal: work.signal,
      onPause: (wait, reason) => {
        const why = reason instanceof Error ? reason.message : String(reason)
        work.log('warn', `${why} Trying again in ${formatSeconds(wait / 1000)}.`)
      },
    }
  }

  async run(): Promise<JobResult<'download'>> {
    const { repository, revision, name } = this.#params
    const note = await this.#begin()
    const { listing } = note
    const weights = await this.#weights(note)
    // another architecture is found out before gigabytes have come
    await readConfig(this.#staged)
    const names = listing.files.map((file) => file.name)
    await this.#fetch([...sidecarsOf(names), ...weights], note)

    const checkpoint = await openCheckpoint(this.#staged)
    const files: ModelFile[] = []
    for (const file of [CONFIG, ...(await findWeightFiles(this.#staged)).files.keys()]) {
      const { size } = await stat(join(this.#staged, file))
      files.push({ name: file, bytes: size, sha256: note.complete[file] ?? '' })
    }
    const manifest = manifestOf(checkpoint, files, {
      name: name ?? repository.split('/').at(-1) ?? repository,
      origin: { kind: 'hub', endpoint: this.#access.endpoint, repository, revision, commit: listing.commit },
      linkedTo: null,
      licence: listing.licence,
    })
    return place(this.#staged, manifest, this.#work)
  }

  /** The listing of the last attempt, so that all files are of one commit, or a new one. */
  async #begin(): Promise<Note> {
    const { repository, revision } = this.#params
    const { endpoint } = this.#access
    const { log, progress } = this.#work
    await mkdir(this.#staged, { recursive: true })
    const earlier = await this.#earlier()
    if (earlier?.endpoint === endpoint) {
      log('info', `Continuing with commit ${earlier.listing.commit}.`)
      return earlier
    }
    progress.measuring('Looking at the repository', 'files', 0)
    const listing = await listRepository(this.#access, repository, revision, this.#patience)
    progress.measuring('Looking at the repository', 'files', listing.files.length)
    log('info', `${repository} at commit ${listing.commit}, licence ${listing.licence ?? 'unknown'}.`)
    const note: Note = { endpoint, listing, complete: earlier?.complete ?? {} }
    return this.#keep(note.listing.commit === earlier?.listing.commit ? note : { ...note, complete: {} })
  }

  /** The names of the files that hold the weights, with their index; of two copies the one in a single file. */
  async #weights(note: Note): Promise<string[]> {
    const { repository } = this.#params
    const names = new Set(note.listing.files.map((file) => file.name))
    if (!names.has(CONFIG)) throw noModel(repository, names, `it has no ${CONFIG}`)
    const single = names.has(SINGLE)
    if (!single && !names.has(INDEX)) throw noModel(repository, names, 'it has no safetensors weights')
    await this.#fetch(single ? [CONFIG] : [CONFIG, INDEX], note, { quiet: true })
    if (single) return [SINGLE]
    const { files } = await shardsOf(join(this.#staged, INDEX))
    const unlisted = files.find((name) => !isSafeName(name) || !names.has(name))
    if (unlisted !== undefined) {
      throw noModel(
        repository,
        names,
        `its index names ${JSON.stringify(unlisted)}, which is not among its files`,
      )
    }
    return [INDEX, ...files]
  }

  async #fetch(names: readonly string[], note: Note, { quiet = false } = {}): Promise<void> {
    const { work, total, wanted } = { work: this.#work, ...chosen(names, note.listing) }
    const show = (done: number) => {
      if (quiet) return
      // a file that starts over must not take the bar back
      this.#most = Math.max(this.#most, Math.min(done, total))
      work.progress.working('Downloading', 'bytes', this.#most, total)
    }
    await needSpace(work.folder, await this.#missing(wanted))
    let before = 0
    for (const file of wanted) {
      const already = before
      if (!(file.name in note.complete)) {
        note.complete[file.name] = await this.#file(file, note, (done) => show(already + done))
        await this.#keep(note)
      }
      before += file.bytes
      show(before)
      await work.checkpoint()
    }
  }

  /** Fetches one file and resolves with its SHA-256. */
  async #file(file: HubFile, { listing }: Note, onProgress: (done: number) => void): Promise<string> {
    const { repository } = this.#params
    const { name, bytes, sha256, gitId } = file
    const path = join(this.#staged, name)
    await mkdir(dirname(path), { recursive: true })
    this.#work.log('info', `Downloading ${name} (${formatBytes(bytes)}).`)
    const digests = await download(fileUrl(this.#access, repository, listing.commit, name), path, {
      ...this.#patience,
      headers: headersOf(this.#access),
      bytes,
      ...(sha256 !== null && { sha256 }),
      onProgress: (done) => onProgress(done),
      onRefused: (response) => explainRefusal(this.#access, repository, response),
    })
    if (gitId !== null && (await gitIdOf(path, bytes)) !== gitId.toLowerCase()) {
      await rm(path, { force: true })
      throw expected(
        'download/checksum',
        `${name} of ${repository} is not the file the Hub lists.`,
        'Try again; if it stays so, the file was changed on the way.',
      )
    }
    return digests.sha256
  }

  /** Bytes that are still to come. */
  async #missing(files: readonly HubFile[]): Promise<number> {
    let missing = 0
    for (const { name, bytes } of files) {
      const path = join(this.#staged, name)
      const here = await stat(path).catch(() => stat(`${path}.part`).catch(() => null))
      missing += Math.max(0, bytes - (here?.size ?? 0))
    }
    return missing
  }

  /** Null where there is none, or none that can be read: then the files are looked at anew. */
  async #earlier(): Promise<Note | null> {
    try {
      return noteSchema.parse(JSON.parse(await readFile(this.#notePath, 'utf8')))
    } catch {
      return null
    }
  }

  async #keep(note: Note): Promise<Note> {
    await writeFileAtomic(this.#notePath, JSON.stringify(note))
    return note
  }
}

function chosen(names: readonly string[], { files }: HubListing): { wanted: HubFile[]; total: number } {
  const wanted = names.flatMap((name) => files.find((file) => file.name === name) ?? [])
  return { wanted, total: wanted.reduce((sum, { bytes }) => sum + bytes, 0) }
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

async function shardsOf(index: string): Promise<{ files: string[] }> {
  try {
    const { weight_map } = indexSchema.parse(JSON.parse(await readFile(index, 'utf8')))
    return { files: [...new Set(Object.values(weight_map))].sort() }
  } catch (error) {
    throw expected('hub/index', 'The index of the weights is damaged.', 'Try another revision.', error)
  }
}

/** SHA-1 as git gives it to a small file. */
async function gitIdOf(path: string, bytes: number): Promise<string> {
  return createHash('sha1')
    .update(`blob ${bytes}\0`)
    .update(await readFile(path))
    .digest('hex')
}

function noModel(repository: string, names: ReadonlySet<string>, why: string): Error {
  const others = [...names]
  let hint = 'Choose a LLaMA model with safetensors weights.'
  if (others.some((name) => name.endsWith('.gguf'))) {
    hint = 'It holds GGUF files: download one of them yourself, and import the file.'
  } else if (others.some((name) => /\.(bin|pth|pt)$/.test(name))) {
    hint =
      'Its weights are pickled, which can run code when they are read; choose a repository with safetensors.'
  }
  return expected('hub/no-model', `${repository} is no model that can be read: ${why}.`, hint)
}
