// One host per workspace: a lock the system releases when its holder dies, and a note saying who holds it.
import { readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { hostKindSchema } from '../../shared/contract/host.ts'
import { expected } from '../../shared/errors.ts'
import { removeUnfinished, writeFileAtomic } from './atomic.ts'
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
const LOCK = 'host.lock'
/** Milliseconds SQLite waits for those who merely look, or who reach for the lock in the same instant. */
const BUSY_WAIT = 100
/** Milliseconds the note of a holder that has only just begun is waited for, and between two looks for it. */
const NOTE_WAIT = 5_000
const NOTE_PAUSE = 50

/** Open locks: a database that nobody refers to is closed by the garbage collector, and its lock with it. */
const held = new Set<Database.Database>()

/** The lock on a workspace while this process holds it. */
export interface HostLock {
  /** Replaces the note, e.g. when the endpoint is ready. */
  announce(endpoint: { url: string; token: string }): Promise<void>
  release(): Promise<void>
}

/**
 * Takes the workspace for this process; throws `workspace/held` with the holder's kind and pid. The lock is an open
 * exclusive transaction: unlike a pid in a file it ends with its process, however that dies. Also removes what a
 * predecessor that was killed left half-written, which only the holder may.
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
    await removeUnfinished(workspace)
    await write({ url: null, token: null })
  } catch (error) {
    letGo(db)
    throw error
  }
  return {
    announce: write,
    release: async () => {
      try {
        await rm(note, { force: true })
      } finally {
        letGo(db)
      }
    },
  }
}

/** Takes the lock that is the file at `path`, until it is let go or the process ends; null when another has it. Throws `disk/…`. */
export function lockFile(path: string): { release(): void } | null {
  const db = tryLock(path)
  return db && { release: () => letGo(db) }
}

async function takeLock(workspace: string): Promise<Database.Database> {
  const deadline = performance.now() + NOTE_WAIT
  for (;;) {
    const db = tryLock(join(workspace, LOCK))
    if (db) return db
    const holder = await readHolder(workspace)
    // nobody: whoever had it, or reached for it too, has let go of it since
    if (holder || performance.now() > deadline) throw heldError(workspace, holder)
  }
}

/**
 * The lock, or null when another has it. SQLite first lets one alone of those who want to write go on, who then waits
 * for the readers to leave, so that of several in the same instant one gets it.
 */
function tryLock(path: string): Database.Database | null {
  let db: Database.Database | undefined
  try {
    db = new Database(path, { timeout: BUSY_WAIT })
    // a journal on disk would outlive a holder that is killed
    db.pragma('journal_mode = MEMORY')
    db.exec('BEGIN EXCLUSIVE')
    held.add(db)
    return db
  } catch (error) {
    db?.close()
    if (isBusy(error)) return null
    throw ioError(error, path)
  }
}

function letGo(db: Database.Database): void {
  db.close()
  held.delete(db)
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

/**
 * Who holds the workspace right now, or null when nobody does, or when who does has not said so for seconds. The note
 * of one that died is not believed, also not while its successor has the lock and no note of its own yet.
 */
export async function readHolder(workspace: string): Promise<Holder | null> {
  const deadline = performance.now() + NOTE_WAIT
  while (isHeld(workspace)) {
    const note = await readNote(workspace)
    if (note && !isGone(note)) return note
    if (performance.now() > deadline) break
    await setTimeout(NOTE_PAUSE)
  }
  return null
}

/** Looks by reading: those who look must not keep each other, nor a new host, from the lock. */
function isHeld(workspace: string): boolean {
  let db: Database.Database | undefined
  try {
    db = new Database(join(workspace, LOCK), { timeout: 0, readonly: true, fileMustExist: true })
    db.pragma('schema_version')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    db?.close()
  }
}

function isBusy(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'SQLITE_BUSY'
}

/** True when the process of a note was on this machine and is no more. */
function isGone({ pid, hostname: machine }: Holder): boolean {
  if (machine !== hostname()) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    // any other refusal comes from a living process of somebody else
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}

async function readNote(workspace: string): Promise<Holder | null> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(join(workspace, NOTE), 'utf8')))
  } catch {
    return null
  }
}
