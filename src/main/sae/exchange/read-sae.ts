// Reads an SAE's folder in whichever of the known formats it is.
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { expected, type MonoscopeError } from '../../../shared/errors.ts'
import { parseBoundedJson } from '../../llama/bounded-json.ts'
import { explained } from '../../store/io-error.ts'
import { CONFIG, WEIGHTS } from '../sae-folder.ts'
import { featureAxis, type Sae, tensorShapes } from '../sae.ts'
import { partsInMemory, type SaeParts } from '../sae-parts.ts'
import { LLAMA_SCOPE_CONFIG, readLlamaScope } from './llama-scope.ts'
import { openSaeLens, readSaeLens } from './saelens.ts'
import { readSparsify, SPARSIFY_WEIGHTS } from './sparsify.ts'

export type SaeFormat = 'SAELens' | 'sparsify' | 'Llama Scope'

/** One of these makes a folder an SAE's, whatever else lies in it. */
const marks = [CONFIG, WEIGHTS, SPARSIFY_WEIGHTS, LLAMA_SCOPE_CONFIG, 'ae.pt']
const pickled = new Set(['.pt', '.pth', '.bin', '.pkl', '.ckpt'])
/** A configuration is a few kilobytes. */
const CONFIG_LIMITS = { depth: 12, values: 10_000 }
const MAX_CONFIG_BYTES = 1e6

/** Whether `path` is meant as an SAE; what can be none says so later. Throws `sae/pickle`, `disk/…`. */
export async function looksLikeSae(path: string): Promise<boolean> {
  const stats = await explained(path, () => stat(path))
  if (!stats.isDirectory()) {
    await refusePickle(path)
    return false
  }
  const names = await explained(path, () => readdir(path))
  if (marks.some((name) => names.includes(name))) return true
  return !names.includes('config.json') && (await formatOf(path)) !== null
}

/** Null when the folder holds no SAE. Throws `sae/pickle` when it holds one that nobody should load. */
export async function formatOf(folder: string): Promise<SaeFormat | null> {
  const there = async (name: string) => (await stat(join(folder, name)).catch(() => null)) !== null
  if (await there(LLAMA_SCOPE_CONFIG)) return 'Llama Scope'
  if (await there(SPARSIFY_WEIGHTS)) return 'sparsify'
  if (await there(WEIGHTS)) return 'SAELens'
  const names = await explained(folder, () => readdir(folder))
  for (const name of names) await refusePickle(join(folder, name))
  return null
}

/** Throws `sae/unknown`, `sae/pickle`, `sae/…` for what the format cannot be, `disk/…`, `safetensors/…`. */
export async function readSaeFolder(folder: string): Promise<{ sae: Sae; format: SaeFormat }> {
  const format = await formatOf(folder)
  switch (format) {
    case 'SAELens':
      return { format, sae: await readSaeLens(folder, await readJson(join(folder, CONFIG))) }
    case 'sparsify':
      return { format, sae: await readSparsify(folder, await readJson(join(folder, CONFIG))) }
    case 'Llama Scope':
      return { format, sae: await readLlamaScope(folder, await readJson(join(folder, LLAMA_SCOPE_CONFIG))) }
    case null:
      throw expected(
        'sae/unknown',
        `${folder} holds no SAE that is known here.`,
        `SAELens folders have ${CONFIG} and ${WEIGHTS}, sparsify's ${CONFIG} and ${SPARSIFY_WEIGHTS}, Llama Scope's ${LLAMA_SCOPE_CONFIG}.`,
      )
  }
}

/** Throws `sae/pickle` where the file at `path` is one. */
export async function refusePickle(path: string): Promise<void> {
  if (pickled.has(extname(path)) && (await isPickle(path))) throw pickle(path)
}

/**
 * The same, with tensors left on the disk where the format allows to read parts of them (SAELens', which a workspace
 * has); else held in memory. Throws as `readSaeFolder` does.
 */
export async function openSaeFolder(folder: string): Promise<SaeParts> {
  if ((await formatOf(folder)) !== 'SAELens') return partsInMemory((await readSaeFolder(folder)).sae)
  const { form, metadata, file } = await openSaeLens(folder, await readJson(join(folder, CONFIG)))
  const shapes = tensorShapes(form.architecture, form)
  return {
    ...form,
    metadata,
    read: async (name, from, count) => {
      const axis = featureAxis(name)
      if (axis === null) return file.read(name, shapes[name]!)
      return file.readPart(name, shapes[name]!, { axis, from, count })
    },
  }
}

async function readJson(path: string): Promise<unknown> {
  const { size } = await explained(path, () => stat(path))
  if (size > MAX_CONFIG_BYTES)
    throw expected(
      'sae/foreign',
      `${path} is no configuration: it has ${size} bytes.`,
      'Choose the folder of an SAE.',
    )
  return parseBoundedJson(await explained(path, () => readFile(path)), { source: path, ...CONFIG_LIMITS })
}

/** PyTorch's files are pickles, in a zip or bare. */
async function isPickle(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.subarray(0, 2).toString('latin1') === 'PK' || buffer[0] === 0x80
  } finally {
    await file.close()
  }
}

function pickle(path: string): MonoscopeError {
  return expected(
    'sae/pickle',
    `${path} is a Python pickle, which can run any program when it is loaded; it is not opened.`,
    'Save the SAE as safetensors where it was made: sae.save_model(folder) in SAELens 6.',
  )
}
