// Finds the libraries a shared library needs, in the order the loader does, and those that lie where it does not look.
import { execFile } from 'node:child_process'
import { access, glob, realpath } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { readSharedLibrary, type SharedLibrary } from './elf.ts'

/** Where libraries may be. */
export interface LibraryPlaces {
  /** LD_LIBRARY_PATH. */
  readonly path: readonly string[]
  /** Name → path, from the loader's cache. */
  readonly cache: ReadonlyMap<string, string>
  readonly standard: readonly string[]
  /** Folders the loader does not know: conda, pip, CUDA's own. */
  readonly elsewhere: readonly string[]
}

export interface NeededLibrary {
  /** "libcudart.so.13". */
  readonly name: string
  readonly path: string | null
  /** True when the loader finds it by itself; false when it is missing, or lies in a folder it must be told of. */
  readonly loads: boolean
}

type Environment = Readonly<Record<string, string | undefined>>

const STANDARD = [
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
]

export async function libraryPlaces(env: Environment = process.env): Promise<LibraryPlaces> {
  const python = 'lib/python3*/site-packages/nvidia/*/lib'
  const patterns = [
    env.CUDA_HOME && join(env.CUDA_HOME, 'lib64'),
    env.CUDA_PATH && join(env.CUDA_PATH, 'lib64'),
    env.CONDA_PREFIX && join(env.CONDA_PREFIX, 'lib'),
    env.CONDA_PREFIX && join(env.CONDA_PREFIX, python),
    env.VIRTUAL_ENV && join(env.VIRTUAL_ENV, python),
    join(env.HOME ?? homedir(), '.local', python),
    '/usr/local/lib/python3*/*-packages/nvidia/*/lib',
    '/usr/local/cuda*/lib64',
    '/usr/lib/wsl/lib',
  ].filter((pattern): pattern is string => Boolean(pattern))
  const elsewhere: string[] = []
  for await (const folder of glob(patterns)) elsewhere.push(folder)
  return {
    path: (env.LD_LIBRARY_PATH ?? '').split(':').filter(Boolean),
    cache: await loaderCache(env),
    standard: STANDARD,
    elsewhere,
  }
}

/**
 * All that the library at `path` needs to load, and `alsoNeeded` besides, each once: what those need in turn is followed.
 * Throws `elf/malformed` when the first cannot be read.
 */
export async function neededLibraries(
  path: string,
  places: LibraryPlaces,
  alsoNeeded: readonly string[] = [],
): Promise<NeededLibrary[]> {
  const seen = new Map<string, NeededLibrary>()
  const queue: { path: string; library: SharedLibrary }[] = []
  const take = async (name: string, from: string, runpath: readonly string[]) => {
    if (seen.has(name)) return
    const found = await locate(name, from, runpath, places)
    seen.set(name, found)
    // the loader itself reports a library that is damaged
    const library = found.path === null ? null : await readSharedLibrary(found.path).catch(() => null)
    if (library && found.path !== null) queue.push({ path: found.path, library })
  }
  queue.push({ path, library: await readSharedLibrary(path) })
  for (const name of alsoNeeded) await take(name, path, [])
  for (let next = queue.shift(); next; next = queue.shift()) {
    for (const name of next.library.needed) await take(name, next.path, next.library.runpath)
  }
  return [...seen.values()]
}

/** The version a library's file is named by ("12.4.127"), else the one its name promises ("12"); null when missing. */
export async function versionOf({ name, path }: NeededLibrary): Promise<string | null> {
  if (path === null) return null
  const file = basename(await realpath(path).catch(() => path))
  return /\.so\.([\d.]+)$/.exec(file)?.[1] ?? /\.so\.([\d.]+)$/.exec(name)?.[1] ?? null
}

async function locate(
  name: string,
  from: string,
  runpath: readonly string[],
  places: LibraryPlaces,
): Promise<NeededLibrary> {
  const own = runpath.map((folder) => folder.replace(/\$\{?ORIGIN\}?/g, dirname(from)))
  const inFolders = async (folders: readonly string[]) => {
    for (const folder of folders) {
      const path = join(folder, name)
      if (await exists(path)) return path
    }
    return null
  }
  const path =
    (await inFolders([...places.path, ...own])) ??
    places.cache.get(name) ??
    (await inFolders(places.standard))
  if (path !== null) return { name, path, loads: true }
  return { name, path: await inFolders(places.elsewhere), loads: false }
}

/** Reads `ldconfig -p`; empty where there is none. */
function loaderCache(env: Environment): Promise<Map<string, string>> {
  const PATH = `${env.PATH ?? ''}:/sbin:/usr/sbin`
  return new Promise((resolve) => {
    execFile('ldconfig', ['-p'], { env: { ...env, PATH }, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) => {
      const found = new Map<string, string>()
      for (const [, name = '', kind = '', path = ''] of stdout.matchAll(/^\s+(\S+) \(([^)]*)\) => (.+)$/gm)) {
        if (kind.includes('x86-64') && !found.has(name)) found.set(name, path)
      }
      resolve(found)
    })
  })
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
