// Files that appear whole or not at all: written beside their place, synced, renamed, and the folder synced.
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ioError } from './io-error.ts'

const SUFFIX = '.tmp'

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
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}${SUFFIX}`)
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o666)
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw ioError(error, path)
  }
}

/** Makes renames in `folder` durable; Windows needs and allows no such thing. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  let handle: FileHandle | undefined
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } finally {
    await handle?.close()
  }
}

/** Removes what a killed process left of unfinished writes in `folder`. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith('.') && name.endsWith(SUFFIX)) await rm(join(folder, name), { force: true })
  }
}
