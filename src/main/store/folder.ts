// Folders as a whole: how much they hold, and removing them.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { explained } from './io-error.ts'

/** Removes `folder` with all that is in it; resolves to the bytes that freed, 0 when there was none. */
export async function removeFolder(folder: string): Promise<number> {
  const bytes = await folderBytes(folder)
  await explained(folder, () => rm(folder, { recursive: true, force: true }))
  return bytes
}

/** Bytes of all files below `folder`; links count nothing. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return bytes
}
