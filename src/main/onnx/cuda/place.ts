// Puts files into a folder all together or not at all, so that what was there can be restored until it is kept.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ProviderFile } from './provider.ts'

/** What was placed, written beside it once it was kept. */
export interface PlacedProvider {
  /** Version of onnxruntime. */
  readonly onnxruntime: string
  /** SHA-256 (hex) of the package it came from, or of the provider where that was given itself. */
  readonly source: string
  /** Name → SHA-256 (hex). */
  readonly files: Readonly<Record<string, string>>
  /** Folders that LD_LIBRARY_PATH must name for the CUDA libraries to be found. */
  readonly libraryFolders: readonly string[]
}

export interface Placement {
  /** Writes down what was placed and forgets what was there before. */
  keep(facts: Omit<PlacedProvider, 'files'>): Promise<PlacedProvider>
  /** Puts back what was there before. */
  undo(): Promise<void>
}

/** Name of the file that says what was placed. */
export const RECORD = 'cuda-provider.json'
const STAGING = '.cuda-'

/** A folder beside what is in `folder`, for files that are to be placed there; what a killed set-up left is removed. */
export async function stagingIn(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  for (const name of await readdir(folder)) {
    if (name.startsWith(STAGING)) await rm(join(folder, name), { recursive: true, force: true })
  }
  const staging = join(folder, `${STAGING}${randomBytes(6).toString('hex')}`)
  await mkdir(join(staging, 'new'), { recursive: true })
  await mkdir(join(staging, 'old'))
  return staging
}

/** Places `files` into `folder` by way of `staging`; when one fails, all that was there is there again. */
export async function place(
  files: readonly ProviderFile[],
  folder: string,
  staging: string,
): Promise<Placement> {
  const done: string[] = []
  const undo = async () => {
    for (const name of done.splice(0)) {
      await rename(join(staging, 'old', name), join(folder, name)).catch(async (error: unknown) => {
        if (!isMissing(error)) throw error
        await rm(join(folder, name), { force: true })
      })
    }
    await rm(staging, { recursive: true, force: true })
  }
  try {
    for (const { name, path } of files) {
      const fresh = join(staging, 'new', name)
      if (path !== fresh) await copyFile(path, fresh)
      await sync(fresh)
    }
    for (const { name } of files) {
      await link(join(folder, name), join(staging, 'old', name)).catch((error: unknown) => {
        if (!isMissing(error)) throw error
      })
      done.push(name)
      await rename(join(staging, 'new', name), join(folder, name))
    }
    await sync(folder)
  } catch (error) {
    await undo()
    throw error
  }
  return {
    undo,
    keep: async (facts) => {
      const placed = {
        ...facts,
        files: await hashes(
          folder,
          files.map(({ name }) => name),
        ),
      }
      await record(folder, placed)
      await rm(staging, { recursive: true, force: true })
      return placed
    },
  }
}

/** Writes down what is placed in `folder`, in one piece. */
export async function record(folder: string, placed: PlacedProvider): Promise<void> {
  const fresh = join(folder, `${STAGING}${randomBytes(6).toString('hex')}`)
  await writeSynced(fresh, JSON.stringify(placed, null, 2))
  await rename(fresh, join(folder, RECORD))
}

/** What is placed in `folder`, every file as it was then; null when nothing is, or something changed since. */
export async function placedIn(folder: string): Promise<PlacedProvider | null> {
  try {
    const placed = JSON.parse(await readFile(join(folder, RECORD), 'utf8')) as PlacedProvider
    const now = await hashes(folder, Object.keys(placed.files))
    const same = Object.entries(placed.files).every(([name, hash]) => now[name] === hash)
    return same && Array.isArray(placed.libraryFolders) ? placed : null
  } catch {
    return null
  }
}

async function hashes(folder: string, names: readonly string[]): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const name of names) {
    const hash = createHash('sha256')
    const chunks = createReadStream(join(folder, name), { highWaterMark: 1024 * 1024 })
    for await (const chunk of chunks as AsyncIterable<Buffer>) hash.update(chunk)
    found[name] = hash.digest('hex')
  }
  return found
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes what is at `path` durable: a file's bytes, a folder's names. */
async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
