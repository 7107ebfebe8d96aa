// Walks a folder tree in a fixed order (names sorted by code unit within each folder), one folder in memory at a time.
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'

export type FileEntry =
  | {
      readonly kind: 'file'
      /** Relative to the walked folder, with "/" on every system. */
      readonly path: string
      readonly bytes: number
      /** Last modification, milliseconds since the epoch. */
      readonly modified: number
    }
  | { readonly kind: 'skipped'; readonly path: string; readonly reason: string }

/** Every regular file below `folder`; throws `folder/unreadable` when the folder itself cannot be read. */
export async function* walk(folder: string): AsyncGenerator<FileEntry> {
  try {
    await readdir(folder)
  } catch (error) {
    throw expected(
      'folder/unreadable',
      `The folder ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Check that it exists, is a folder, and that you may read it.',
      error,
    )
  }
  yield* walkBelow(folder, '')
}

async function* walkBelow(root: string, prefix: string): AsyncGenerator<FileEntry> {
  let names: string[]
  try {
    names = (await readdir(join(root, prefix))).sort()
  } catch (error) {
    yield { kind: 'skipped', path: prefix, reason: reasonOf(error) }
    return
  }
  for (const name of names) {
    const path = prefix === '' ? name : `${prefix}/${name}`
    try {
      const stats = await lstat(join(root, path))
      if (stats.isDirectory()) yield* walkBelow(root, path)
      else if (stats.isFile()) yield { kind: 'file', path, bytes: stats.size, modified: stats.mtimeMs }
      else
        yield {
          kind: 'skipped',
          path,
          reason: stats.isSymbolicLink() ? 'it is a link' : 'it is no regular file',
        }
    } catch (error) {
      yield { kind: 'skipped', path, reason: reasonOf(error) }
    }
  }
}

/** Why a file could not be read, in few words. */
export function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it'
  if (code === 'ENOENT') return 'it vanished meanwhile'
  return `it cannot be read (${code ?? String(error)})`
}
