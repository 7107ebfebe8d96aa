// The files of a corpus on this disk, in an order that is the same every time; links are followed, but never in circles.
import { type Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { CorpusSpec } from '../../shared/corpus.ts'
import { expected } from '../../shared/errors.ts'
import { withLocalBytes } from './bytes.ts'
import type { CorpusFile, Found } from './corpus-file.ts'
import { defaultGlobs, globMatcher } from './formats.ts'

/** Folders that hold no text of a person's own. */
const leftOut = (name: string) => name.startsWith('.') || name === 'node_modules'

/** The file at `spec.path`, or those of the folder, sorted by path. Throws `corpus/missing`, `corpus/unreadable`. */
export async function* localFiles({ path, include, stratumField }: CorpusSpec): AsyncGenerator<Found> {
  const stats = await rootStats(path)
  if (!stats.isDirectory()) {
    if (!stats.isFile()) {
      throw expected(
        'corpus/not-a-file',
        `${path} is neither a file nor a folder.`,
        'Choose a file of text, JSON lines, Parquet or CSV, or a folder of such files.',
      )
    }
    yield fileOf(path, basename(path), stats, null)
    return
  }
  const matches = globMatcher(include ?? defaultGlobs)
  const seen = new Set([identityOf(stats)])
  for await (const found of below(path, '', await rootNames(path), seen)) {
    if (found.kind === 'skipped') yield found
    else if (matches(found.name)) {
      const slash = found.name.indexOf('/')
      const stratum = slash > 0 && stratumField === undefined ? found.name.slice(0, slash) : null
      yield fileOf(join(path, found.name), found.name, found.stats, stratum)
    }
  }
}

type Below =
  | { readonly kind: 'entry'; readonly name: string; readonly stats: Stats }
  | Extract<Found, { kind: 'skipped' }>

async function* below(
  root: string,
  prefix: string,
  names: readonly string[],
  seen: Set<string>,
): AsyncGenerator<Below> {
  const entries: { name: string; stats: Stats | null; detail: string }[] = []
  for (const plain of names) {
    const name = prefix + plain
    try {
      const stats = await stat(join(root, name))
      entries.push({ name: stats.isDirectory() ? `${name}/` : name, stats, detail: '' })
    } catch (error) {
      entries.push({ name, stats: null, detail: reasonOf(error) })
    }
  }
  // a folder sorts as its files' paths do
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, stats, detail } of entries) {
    if (!stats) yield { kind: 'skipped', name, reason: 'unreadable', detail }
    else if (stats.isFile()) yield { kind: 'entry', name, stats }
    else if (stats.isDirectory()) yield* folder(root, name, stats, seen)
    else yield { kind: 'skipped', name, reason: 'not-a-file', detail: 'it is a pipe, a socket or a device' }
  }
}

async function* folder(root: string, name: string, stats: Stats, seen: Set<string>): AsyncGenerator<Below> {
  if (leftOut(basename(name))) return
  const identity = identityOf(stats)
  if (seen.has(identity)) {
    yield {
      kind: 'skipped',
      name,
      reason: 'not-a-file',
      detail: 'it leads to a folder that was read already',
    }
    return
  }
  seen.add(identity)
  let names: string[]
  try {
    names = await readdir(join(root, name))
  } catch (error) {
    yield { kind: 'skipped', name, reason: 'unreadable', detail: reasonOf(error) }
    return
  }
  yield* below(root, name, names, seen)
}

function fileOf(path: string, name: string, stats: Stats, stratum: string | null): CorpusFile {
  return {
    kind: 'file',
    name,
    bytes: stats.size,
    id: `${name} ${stats.size}`,
    stratum,
    read: (use) => withLocalBytes(path, use),
    look: (use) => withLocalBytes(path, use),
  }
}

/** A folder is itself however many links lead to it. */
function identityOf({ dev, ino }: Stats): string {
  return `${dev}:${ino}`
}

/** Throws where there is nothing at `path`: `corpus/missing`, `corpus/unreadable`. */
export async function rootStats(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (error) {
    throw rootError(path, error)
  }
}

async function rootNames(path: string): Promise<string[]> {
  try {
    return await readdir(path)
  } catch (error) {
    throw rootError(path, error)
  }
}

function rootError(path: string, error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return expected(
      'corpus/missing',
      `There is no corpus at ${path}.`,
      'Check the path and that its disk is connected.',
      error,
    )
  }
  return expected(
    'corpus/unreadable',
    `${path} cannot be read: ${reasonOf(error)}.`,
    'Check its permissions.',
    error,
  )
}

/** Why something could not be read, in few words. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EACCES' || code === 'EPERM') return 'you may not read it'
  if (code === 'ENOENT') return 'it does not exist, or is a link to what does not'
  if (code === 'ELOOP') return 'it is a link that leads to itself'
  return code ?? message
}
