// The harvests of a workspace as their folders tell: which are finished, which are not, and whether files are missing.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { toErrorData } from '../../shared/errors.ts'
import { type HarvestConfig, harvestConfigSchema, type HarvestManifest } from '../../shared/harvest.ts'
import { folderBytes } from '../store/folder.ts'
import { explained } from '../store/io-error.ts'
import { BEGUN, INDEX, MANIFEST, readHarvest } from './harvest-folder.ts'

export interface FoundHarvest {
  readonly id: string
  readonly folder: string
  /** When the manifest was written, or without one the folder began; milliseconds since the epoch. */
  readonly at: number
  readonly bytes: number
  /** Null while it is not finished, and where it cannot be read. */
  readonly manifest: HarvestManifest | null
  /** Null where nothing tells it. */
  readonly config: HarvestConfig | null
  /** What is wrong with a finished one, in a sentence. */
  readonly problem: string | null
  readonly finished: boolean
}

/** A manifest as it was when its file had this stamp; one of thousands of shards is not read at every look. */
interface Known {
  readonly stamp: string
  readonly manifest: HarvestManifest
}

export class HarvestLibrary {
  readonly #harvests: string
  readonly #known = new Map<string, Known>()

  /** `harvests` is the workspace's folder of them. */
  constructor(harvests: string) {
    this.#harvests = harvests
  }

  /** The newest first. Sizes are compared, contents are not read. Throws `disk/…`. */
  async scan(): Promise<FoundHarvest[]> {
    const entries = await explained(this.#harvests, () => readdir(this.#harvests, { withFileTypes: true }))
    const ids = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    const found = await Promise.all(ids.map(({ name }) => this.look(name)))
    return found
      .flatMap((harvest) => (harvest ? [harvest] : []))
      .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1))
  }

  /** What `id` is now; undefined where there is no folder of that name. */
  async look(id: string): Promise<FoundHarvest | undefined> {
    const folder = join(this.#harvests, id)
    const began = await stat(folder).catch(() => null)
    if (!began?.isDirectory()) return undefined
    const written = await stat(join(folder, MANIFEST)).catch(() => null)
    if (!written) {
      const bytes = await folderBytes(folder)
      this.#known.delete(id)
      const config = await begunConfig(folder)
      return {
        ...{ id, folder, bytes, config },
        at: began.birthtimeMs,
        manifest: null,
        problem: null,
        finished: false,
      }
    }
    const at = written.mtimeMs
    const sizes = await sizesIn(folder)
    const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0)
    try {
      const manifest = await this.#manifest(id, `${at} ${written.size} ${written.ino}`)
      const problem = missing(folder, sizes, manifest)
      return { ...{ id, folder, at, bytes, manifest, problem }, config: manifest.config, finished: true }
    } catch (error) {
      const { kind, message } = toErrorData(error)
      if (kind === 'bug') throw error
      return { ...{ id, folder, at, bytes }, manifest: null, config: null, problem: message, finished: true }
    }
  }

  async #manifest(id: string, stamp: string): Promise<HarvestManifest> {
    const known = this.#known.get(id)
    if (known?.stamp === stamp) return known.manifest
    const manifest = await readHarvest(join(this.#harvests, id))
    this.#known.set(id, { stamp, manifest })
    return manifest
  }
}

async function begunConfig(folder: string): Promise<HarvestConfig | null> {
  try {
    const begun = JSON.parse(await readFile(join(folder, BEGUN), 'utf8')) as { config?: unknown }
    return harvestConfigSchema.parse(begun.config)
  } catch {
    // it was interrupted before that was written
    return null
  }
}

/** Bytes of each file in the folder; one of many shards is looked at once. Throws `disk/…`. */
async function sizesIn(folder: string): Promise<Map<string, number>> {
  const names = await explained(folder, () => readdir(folder))
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)))
  return new Map(names.flatMap((name, place) => (found[place]?.isFile() ? [[name, found[place].size]] : [])))
}

/** The first file that is not there, or not as long as it was; null when all are. */
function missing(
  folder: string,
  sizes: ReadonlyMap<string, number>,
  { shards }: HarvestManifest,
): string | null {
  for (const { name, bytes } of [{ name: INDEX, bytes: null }, ...shards]) {
    const size = sizes.get(name)
    if (size === undefined) return `${join(folder, name)} is not there.`
    if (bytes !== null && size !== bytes)
      return `${join(folder, name)} has ${size} bytes; it had ${bytes} when it was written.`
  }
  return null
}
