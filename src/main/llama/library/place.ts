// A model that is complete takes its place in the workspace in one step, or is found to be there already.
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { ImportedModel } from '../../../shared/imported.ts'
import type { Manifest } from '../../../shared/models.ts'
import { copyFolder } from '../../store/copy.ts'
import { needSpace } from '../../store/free-space.ts'
import { folderBytes } from '../../store/folder.ts'
import { ioError } from '../../store/io-error.ts'
import { standing } from './library.ts'
import { readManifest, writeManifest } from './manifest.ts'
import type { Work } from './work.ts'

const LONGEST_ID = 64

/**
 * Gives the folder `staged` its name among the models and writes its manifest; a model of the same content that is
 * there already is kept instead, and `staged` removed.
 */
export async function place(staged: string, manifest: Manifest, work: Work): Promise<ImportedModel> {
  const already = await sameContent(manifest, work.models)
  if (already !== null) {
    work.log('info', `The workspace has this very model already, as ${already}.`)
    await rm(staged, { recursive: true, force: true })
    return resultOf(already, await readManifest(join(work.models, already)), true)
  }
  await mkdir(staged, { recursive: true })
  await writeManifest(staged, manifest)
  let at = staged
  for (const id of idsFor(manifest.name)) {
    const target = join(work.models, id)
    if (existsSync(target)) continue
    try {
      await rename(at, target).catch(async (error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
        at = await broughtOver(staged, work)
        await rename(at, target)
      })
    } catch (error) {
      // another import took the name meanwhile
      if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) continue
      throw ioError(error, target)
    }
    await rm(staged, { recursive: true, force: true })
    work.log('info', `Its id is ${id}.`)
    return resultOf(id, manifest, false)
  }
  throw new Error('There is always another id.')
}

/** From another disk nothing moves in one step: the folder is copied first, under a name that is no model's. */
async function broughtOver(staged: string, work: Work): Promise<string> {
  const near = join(work.models, `.${basename(work.folder)}`)
  work.log('info', `${work.models} is on another disk than ${work.folder}: copying.`)
  await rm(near, { recursive: true, force: true })
  await needSpace(work.models, await folderBytes(staged))
  try {
    await copyFolder(staged, near, () => work.checkpoint())
  } catch (error) {
    await rm(near, { recursive: true, force: true })
    throw error
  }
  return near
}

/** "Llama 3.2 1B" → "llama-3.2-1b", then "llama-3.2-1b-2" and so on. */
function* idsFor(name: string): Generator<string> {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, LONGEST_ID)
    .replace(/^[-.]+|[-.]+$/g, '')
  const id = plain === '' ? 'model' : plain
  yield id
  for (let count = 2; ; count++) yield `${id}-${count}`
}

/** The id of a whole model with the same content that serves what was asked for; a link is no copy. */
async function sameContent({ hash, linkedTo }: Manifest, models: string): Promise<string | null> {
  for (const id of (await readdir(models)).sort()) {
    const folder = join(models, id)
    const manifest = await readManifest(folder).catch(() => null)
    if (manifest?.hash !== hash || (manifest.linkedTo !== null && linkedTo === null)) continue
    if ((await standing(folder, manifest)).state === 'ready') return id
  }
  return null
}

function resultOf(id: string, manifest: Manifest, already: boolean): ImportedModel {
  const { name, hash, parameters, bytes, linkedTo, architecture } = manifest
  return {
    ...{ id, kind: 'model', architecture: architecture.family, name },
    ...{ hash, parameters, bytes, linkedTo, already },
  }
}
