// Files that appear whole or not at all: written beside their place, synced, renamed, and the folder synced.
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { explained, ioError } from './io-error.ts'

/** What `temporaryPath` makes, and nothing a person would call a file of theirs. */
const temporaryName = /^\..+\.[0-9a-f]{12}\.tmp$/

interface AtomicOptions {
  /** Permissions of the file, e.g. 0o600. */
  readonly mode?: number
}

/** Writes `data` to `path`; on any failure the old file is as it was. Throws `disk/…`. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: AtomicOptions = {},
): Promise<void> {
  const file = await AtomicFile.create(path, options)
  await file.write(data)
  await file.commit()
}

/** A file written piece by piece that takes its place with `commit`; until then `path` is as it was. */
export class AtomicFile {
  readonly #path: string
  readonly #temporary: string
  readonly #file: FileHandle

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.#path = path
    this.#temporary = temporary
    this.#file = file
  }

  /** Throws `disk/…`. */
  static async create(path: string, options: AtomicOptions = {}): Promise<AtomicFile> {
    const temporary = temporaryPath(path)
    const file = await explained(path, () => open(temporary, 'wx', options.mode ?? 0o666))
    return new AtomicFile(path, temporary, file)
  }

  /** Appends all of `data`, one call after the other; when it throws (`disk/…`) the file is given up. */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#orAbort(() => this.#file.writeFile(data))
  }

  /** Puts the file in its place, durably; when it throws (`disk/…`) the file is given up. */
  async commit(): Promise<void> {
    await this.#orAbort(async () => {
      await this.#file.sync()
      await this.#file.close()
      await rename(this.#temporary, this.#path)
    })
    await explained(this.#path, () => syncFolder(dirname(this.#path)))
  }

  /** Gives the file up; may be called again, and after a failure. */
  async abort(): Promise<void> {
    // what matters is why it was given up; a temporary file that stays is removed by `removeUnfinished`
    await this.#file.close().catch(() => undefined)
    await rm(this.#temporary, { force: true }).catch(() => undefined)
  }

  async #orAbort(step: () => Promise<void>): Promise<void> {
    try {
      await step()
    } catch (error) {
      await this.abort()
      throw ioError(error, this.#path)
    }
  }
}

/** A name beside `path` that `removeUnfinished` recognises. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
}

/** Makes renames in `folder` durable; Windows needs and allows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // network and user-space file systems that cannot sync a folder say so; the rename itself has happened
    if (!['EINVAL', 'ENOTSUP', 'ENOSYS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle.close()
  }
}

/**
 * Removes what a killed process left of unfinished writes in `folder`, of the file `only` where that is given. Only for
 * who alone writes there: it would take a file from under another's pen.
 */
export async function removeUnfinished(folder: string, only = ''): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!temporaryName.test(name) || !name.startsWith(`.${only}`)) continue
    await rm(join(folder, name), { force: true })
  }
}
