// The safetensors files of a Hugging Face folder: one, or the shards an index names; really where they lie.
import { readdir, realpath } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { z } from 'zod'
import { expected, type MonoscopeError } from '../../shared/errors.ts'
import { explained } from '../store/io-error.ts'
import { parseBoundedJson } from './bounded-json.ts'
import { withInputFile } from './input-file.ts'
import { INDEX, SINGLE } from './model-files.ts'

const MAX_INDEX_BYTES = 16 * 1024 * 1024
const MAX_SHARDS = 1000

/** A shard lies beside its index; this is what tools write there, and nothing that leads elsewhere. */
const shardName = /^[A-Za-z0-9_][A-Za-z0-9._-]*\.safetensors$/

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) })

export interface WeightFiles {
  /** Names in the folder, and the real files behind them (all links followed). */
  readonly files: ReadonlyMap<string, string>
  /** Of each tensor the name of its file; null: all are in the only one. */
  readonly places: ReadonlyMap<string, string> | null
}

/** Throws `checkpoint/no-weights`, `checkpoint/bad-index`, `checkpoint/bad-json` or `disk/…`. */
export async function findWeightFiles(folder: string): Promise<WeightFiles> {
  const names = await explained(folder, () => readdir(folder))
  if (names.includes(SINGLE)) {
    return { files: new Map([[SINGLE, await realFile(join(folder, SINGLE))]]), places: null }
  }
  if (!names.includes(INDEX)) throw noWeights(folder, names)
  const places = await readIndex(join(folder, INDEX))
  const files = new Map<string, string>()
  for (const name of new Set(places.values())) files.set(name, await realFile(join(folder, name)))
  return { files, places }
}

/** The deepest folder that holds all of `files` (absolute, real paths). */
export function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!)
  for (const file of files) {
    while (!isInside(folder, file)) {
      const parent = dirname(folder)
      if (parent === folder) {
        throw expected(
          'checkpoint/scattered',
          `The weights lie on several drives (${files[0]}, ${file}).`,
          'Put all files of the model on one drive.',
        )
      }
      folder = parent
    }
  }
  return folder
}

/** `file` as seen from `folder`, which holds it, with "/". */
export function relativePath(folder: string, file: string): string {
  return relative(folder, file).split(sep).join('/')
}

function isInside(folder: string, file: string): boolean {
  return file.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}

function realFile(path: string): Promise<string> {
  return explained(path, () => realpath(path))
}

async function readIndex(path: string): Promise<ReadonlyMap<string, string>> {
  const bytes = await withInputFile(path, (file) => {
    if (file.size > MAX_INDEX_BYTES) throw badIndex(path, `it has ${file.size} bytes, too many for an index`)
    return file.read(0, file.size)
  })
  const parsed = indexSchema.safeParse(parseBoundedJson(bytes, { source: path, depth: 8, values: 1_000_000 }))
  if (!parsed.success) throw badIndex(path, 'it has no weight_map of names')
  const places = new Map(Object.entries(parsed.data.weight_map))
  const shards = new Set(places.values())
  for (const name of shards) {
    if (!shardName.test(name)) {
      throw badIndex(
        path,
        `it names ${JSON.stringify(name)}, which is no plain name of a safetensors file beside it`,
      )
    }
  }
  if (shards.size > MAX_SHARDS) throw badIndex(path, `it names ${shards.size} files, more than ${MAX_SHARDS}`)
  if (shards.size === 0) throw badIndex(path, 'it names no file')
  return places
}

function badIndex(path: string, why: string): MonoscopeError {
  return expected(
    'checkpoint/bad-index',
    `Cannot use ${path}: ${why}.`,
    'Fetch the model again from where it came.',
  )
}

function noWeights(folder: string, names: readonly string[]): MonoscopeError {
  const gguf = names.find((name) => name.toLowerCase().endsWith('.gguf'))
  const pickled = names.find((name) => /\.(bin|pth|pt)$/.test(name))
  let hint = 'Choose the folder that holds config.json and the weights.'
  if (gguf !== undefined) hint = `Import the file ${gguf} itself.`
  else if (pickled !== undefined)
    hint = `${pickled} can run code when it is read; fetch the model’s safetensors files.`
  return expected('checkpoint/no-weights', `There is no ${SINGLE} and no ${INDEX} in ${folder}.`, hint)
}
