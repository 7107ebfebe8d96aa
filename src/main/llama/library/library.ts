// The models of a workspace as their folders tell: what is there, whether it is whole, and which one is meant.
import { readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expected, toErrorData } from '../../../shared/errors.ts'
import type { Manifest, Model, ModelState } from '../../../shared/models.ts'
import { folderBytes } from '../../store/folder.ts'
import { sha256Of } from '../../store/file-hash.ts'
import { explained } from '../../store/io-error.ts'
import { ambiguousModel, unknownModel } from '../../store/model-rows.ts'
import { CONFIG } from '../model-files.ts'
import { findWeightFiles } from '../weight-files.ts'
import { contentHash, MANIFEST, readManifest } from './manifest.ts'

interface Standing {
  readonly state: ModelState
  readonly problem: string | null
  /** The folder with config.json, the tokenizer and the weights. */
  readonly checkpoint: string
}

export interface Found {
  readonly models: readonly Model[]
  /** Folders whose manifest cannot be read, and why. */
  readonly damaged: readonly { readonly id: string; readonly problem: string }[]
}

/** Every folder of `models` that has a manifest. Sizes are compared, contents are not read. */
export async function scanModels(models: string): Promise<Found> {
  const found: Model[] = []
  const damaged: { id: string; problem: string }[] = []
  for (const id of await explained(models, () => readdir(models))) {
    // what is being put together begins with a dot
    if (id.startsWith('.')) continue
    const folder = join(models, id)
    try {
      const { format: _format, kind: _kind, ...manifest } = await readManifest(folder)
      const ownBytes = await folderBytes(folder)
      found.push({ ...manifest, id, ...(await standing(folder, manifest)), ownBytes })
    } catch (error) {
      const { code, message, kind } = toErrorData(error)
      if (kind === 'bug') throw error
      if (code !== 'disk/missing') damaged.push({ id, problem: message })
    }
  }
  return { models: found, damaged }
}

/** Whether the files a manifest lists are where they were, as long as they were. */
export async function standing(
  folder: string,
  { linkedTo, files }: Pick<Manifest, 'linkedTo' | 'files'>,
): Promise<Standing> {
  const checkpoint = linkedTo ?? folder
  for (const { name, bytes } of files) {
    const path = join(checkpoint, name)
    const size = await stat(path).then(
      (stats) => stats.size,
      () => null,
    )
    if (size === null) return { state: 'missing', problem: `${path} is not there.`, checkpoint }
    if (size !== bytes) {
      const problem = `${path} has ${size} bytes; it had ${bytes} when it was imported.`
      return { state: 'changed', problem, checkpoint }
    }
  }
  return { state: 'ready', problem: null, checkpoint }
}

/** A model as a stage needs it. */
export interface ResolvedModel {
  /** Null for a checkpoint outside the workspace. */
  readonly id: string | null
  readonly name: string
  /** The folder to hand to `openCheckpoint`. */
  readonly folder: string
  /** The folder of a workspace for what is derived from it, also where the checkpoint is linked; null outside of workspaces. */
  readonly own: string | null
  /** SHA-256 of its configuration and weights; null while nobody has computed it. */
  readonly hash: string | null
}

/**
 * The model `text` means: an id of a workspace (whose folder of models is `models`), a unique prefix of one, or the path
 * of a checkpoint's folder. Throws `models/unknown`, `models/ambiguous`, `models/missing`, or `models/changed`.
 */
export async function resolveModel(models: string, text: string): Promise<ResolvedModel> {
  const isPath = /[/\\]/.test(text) || text.startsWith('.')
  const ids = isPath ? [] : (await readdir(models)).filter((id) => id.startsWith(text) && text !== '')
  const known: string[] = []
  for (const id of ids) if (await stat(join(models, id, MANIFEST)).catch(() => null)) known.push(id)
  const id = known.includes(text) ? text : known[0]
  if (id !== undefined) {
    if (known.length > 1 && id !== text) throw ambiguousModel(text)
    return fromWorkspace(join(models, id), id)
  }
  const stats = await stat(text).catch(() => null)
  if (!stats || text === '') throw unknownModel(text)
  if (stats.isDirectory()) {
    // a folder of this or another workspace says itself what it is
    const described = await stat(join(text, MANIFEST)).catch(() => null)
    return described ? fromWorkspace(resolve(text), null) : outside(text)
  }
  throw expected(
    'models/not-imported',
    `${text} is a file, and a model is a folder.`,
    `Import it first: monoscope import ${text}`,
  )
}

async function fromWorkspace(folder: string, id: string | null): Promise<ResolvedModel> {
  const manifest = await readManifest(folder)
  const { state, problem, checkpoint } = await standing(folder, manifest)
  if (state !== 'ready') {
    throw expected(`models/${state}`, `${manifest.name} cannot be used: ${problem}`, 'Import it again.')
  }
  return { id, name: manifest.name, folder: checkpoint, own: folder, hash: manifest.hash }
}

function outside(path: string): ResolvedModel {
  const folder = resolve(path)
  return { id: null, name: folder, folder, own: null, hash: null }
}

/** The hash that an import would give the checkpoint in `folder`; reads all of it. Throws `checkpoint/…`, `disk/…`. */
export async function hashCheckpoint(folder: string): Promise<string> {
  const names = [CONFIG, ...(await findWeightFiles(folder)).files.keys()].sort()
  const files: { name: string; sha256: string }[] = []
  for (const name of names) files.push({ name, sha256: await sha256Of(join(folder, name)) })
  return contentHash(files)
}
