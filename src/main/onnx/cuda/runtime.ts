// Which copy of onnxruntime's native files is in use: the package's own, or one in a folder that can be written to.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { createRequire, Module } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type PlacedProvider, RECORD } from './place.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface Runtime {
  /** Where the provider belongs: libonnxruntime looks for its providers in its own folder and nowhere else. */
  readonly folder: string
  /** The package's folder when `folder` is another one, to which its native files have to be copied. */
  readonly copyOf: string | null
}

/** Of the package, beside each other. */
export const RUNTIME_FILES = ['libonnxruntime.so.1', 'onnxruntime_binding.node']
const BINDING = 'onnxruntime_binding.node'

/**
 * Where the CUDA provider is placed: beside the package's native files; where those cannot be written to (an installed
 * app), or `MONOSCOPE_RUNTIME` names another place, in a folder with a copy of them.
 */
export function runtimeFor(env: Environment = process.env): Runtime {
  const own = packageFolder()
  if (env.MONOSCOPE_RUNTIME) return { folder: env.MONOSCOPE_RUNTIME, copyOf: own }
  if (writable(own)) return { folder: own, copyOf: null }
  const data = env.XDG_DATA_HOME ?? join(env.HOME ?? homedir(), '.local', 'share')
  return { folder: join(data, 'monoscope-runtime', packageVersion()), copyOf: own }
}

/**
 * Makes onnxruntime-node use the copy with the CUDA provider, when there is one. Call it before onnxruntime-node is
 * loaded for the first time in a process; later it has no effect.
 */
export function useRuntime(env: Environment = process.env): void {
  const { folder, copyOf } = runtimeFor(env)
  const copy = join(folder, BINDING)
  if (copyOf === null || !existsSync(copy)) return
  const require = createRequire(import.meta.url)
  const path = require.resolve(`onnxruntime-node/bin/napi-v6/${process.platform}/${process.arch}/${BINDING}`)
  if (require.cache[path]) return
  // onnxruntime-node asks for its binding by this path, and finds that it is loaded
  const module = new Module(path)
  process.dlopen(module, copy)
  module.loaded = true
  require.cache[path] = module
}

/** Folders in which processes that compute must find the CUDA libraries besides where the loader looks by itself. */
export function cudaLibraryFolders(env: Environment = process.env): readonly string[] {
  try {
    const record = JSON.parse(readFileSync(join(runtimeFor(env).folder, RECORD), 'utf8')) as PlacedProvider
    return record.libraryFolders
  } catch {
    return []
  }
}

/** The variable by which the loader finds libraries in `folders` too. */
export function libraryPath(folders: readonly string[]): { LD_LIBRARY_PATH?: string } {
  if (folders.length === 0) return {}
  const { LD_LIBRARY_PATH } = process.env
  return { LD_LIBRARY_PATH: [...folders, ...(LD_LIBRARY_PATH ? [LD_LIBRARY_PATH] : [])].join(':') }
}

function packageFolder(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  // native files are files even where the rest is in an archive
  const unpacked = root.replace(/\bapp\.asar(?=[\\/])/, 'app.asar.unpacked')
  return join(unpacked, 'bin', 'napi-v6', process.platform, process.arch)
}

function packageVersion(): string {
  const require = createRequire(import.meta.url)
  return (require('onnxruntime-node/package.json') as { version: string }).version
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
