// Looking through the host's folders, for choosing one where no native dialog can.
import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { OutputOf } from '../../shared/contract/define.ts'
import type { hostContract } from '../../shared/contract/host.ts'
import { expected } from '../../shared/errors.ts'

type Listing = OutputOf<(typeof hostContract)['files.list']>

const MOST = 2_000

/** One folder, or the one a file lies in; its folders first, by name; hidden entries are left out. Throws `files/unreadable`. */
export async function listFolder(path: string = homedir()): Promise<Listing> {
  const given = resolve(path)
  const isFile = (await stat(given).catch(() => null))?.isFile() ?? false
  const folder = isFile ? dirname(given) : given
  let names: string[]
  try {
    names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort((a, b) => a.localeCompare(b))
  } catch (error) {
    throw expected(
      'files/unreadable',
      `${folder} cannot be opened as a folder.`,
      'Choose another one.',
      error,
    )
  }
  const entries = await Promise.all(
    names.slice(0, MOST).map(async (name) => {
      const entry = join(folder, name)
      const stats = await stat(entry).catch(() => null)
      return { name, path: entry, folder: stats?.isDirectory() ?? false, bytes: stats?.size ?? 0 }
    }),
  )
  const parent = dirname(folder)
  return {
    path: folder,
    parent: parent === folder ? null : parent,
    entries: entries.sort((a, b) => Number(b.folder) - Number(a.folder)),
    truncated: names.length > MOST,
  }
}
