// One host per workspace: a lock the system releases when its holder dies, and a note saying who holds it.
import { readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { hostKindSchema } from '../../shared/contract/host.ts'
import { expected } from '../../shared/errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { ioError } from './io-error.ts'

const holderSchema = z.object({
  kind: hostKindSchema,
  pid: z.number().int(),
  hostname: z.string(),
  version: z.string(),
  startedAt: z.number(),
  /** Where its endpoint answers, and the token it wants; null until it is ready. */
  url: z.string().nullable(),
  token: z.string().nullable(),
})
export type Holder = z.infer<typeof holderSchema>

const NOTE = 'host.json'

/** The lock on a workspace while this process holds it. */
export interface HostLock {
  /** Replaces the note, e.g. when the endpoint is ready. */
  announce(endpoint: { url: string; token: string }): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the workspace for this process; throws `workspace/held` with the holder's kind and pid. The lock is an open
 * exclusive transaction: unlike a pid in a file it ends with its process, however that dies.
 */
export async function lockWorkspace(
  workspace: string,
  self: Pick<Holder, 'kind' | 'version'>,
): Promise<HostLock> {
  const db = await takeLock(workspace)
  const note = join(workspace, NOTE)
  const holder = { ...self, pid: process.pid, hostname: hostname(), startedAt: Date.now() }
  const write = (endpoint: { url: string | null; token: string | null }) =>
    writeFileAtomic(note, JSON.stringify({ ...holder, ...endpoint } satisfies Holder), { mode: 0o600 })
  try {
    await write({ url: null, token: null })
  } catch (error) {
    db.close()
    throw error
  }
  return {
    announce: write,
    release: async () => {
      await rm(note, { force: true })
      db.close()
    },
  }
}

async function takeLock(workspace: string): Promise<Database.Database> {
  const path = join(workspace, 'host.lock')
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0 })
    db.exec('BEGIN EXCLUSIVE')
    return db
  } catch (error) {
    db?.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw ioError(error, path)
    throw heldError(workspace, await readNote(workspace))
  }
}

function heldError(workspace: string, holder: Holder | null) {
  const who = holder
    ? `another Monoscope (${holder.kind}, process ${holder.pid} on ${holder.hostname})`
    : 'another Monoscope'
  return expected(
    'workspace/held',
    `The workspace ${workspace} is in use by ${who}.`,
    'Close that one, or choose another workspace; commands given on the command line use the running one.',
  )
}

/** Who holds the workspace right now, or null when nobody does (an old note is not believed). */
export async function readHolder(workspace: string): Promise<Holder | null> {
  const path = join(workspace, 'host.lock')
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: 0, fileMustExist: true })
    db.exec('BEGIN IMMEDIATE')
    return null
  } catch (error) {
    return (error as { code?: string }).code === 'SQLITE_BUSY' ? await readNote(workspace) : null
  } finally {
    db?.close()
  }
}

async function readNote(workspace: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(join(workspace, NOTE), 'utf8')))
  } catch {
    return null
  }
}
