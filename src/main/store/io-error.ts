// What the file system and SQLite say when something cannot be written, as errors a person can act on.
import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { expected, MonoscopeError } from '../../shared/errors.ts'

interface Explanation {
  readonly code: string
  readonly what: string
  readonly hint: string
}

const full: Explanation = {
  code: 'disk/full',
  what: 'the disk is full',
  hint: 'Free some space (or raise the quota) and try again; nothing that was complete is lost.',
}
const readOnly: Explanation = {
  code: 'disk/read-only',
  what: 'the disk is read-only',
  hint: 'Choose a place on a disk that can be written to, or make this disk writable.',
}
const denied: Explanation = {
  code: 'disk/denied',
  what: 'you may not write there',
  hint: 'Change the permissions, or choose another folder.',
}
const missing: Explanation = {
  code: 'disk/missing',
  what: 'it, or a folder on the way to it, does not exist',
  hint: 'Check the path; if it lies on another disk, check that the disk is connected.',
}
const folder: Explanation = {
  code: 'disk/is-a-folder',
  what: 'a folder of that name is in the way',
  hint: 'Choose another name, or move the folder away.',
}
const corrupt: Explanation = {
  code: 'disk/corrupt',
  what: 'the file is damaged or no database',
  hint: 'Nothing was changed. Restore it from a backup, or move it away to start afresh.',
}
const broken: Explanation = {
  code: 'disk/failed',
  what: 'the disk reported an error',
  hint: 'Check the disk and its connection, then try again.',
}
const busy: Explanation = {
  code: 'disk/busy',
  what: 'another program is using it',
  hint: 'Close the other program and try again.',
}

const explanations: Readonly<Record<string, Explanation>> = {
  ENOSPC: full,
  EDQUOT: full,
  EROFS: readOnly,
  EACCES: denied,
  EPERM: denied,
  ENOENT: missing,
  ENOTDIR: missing,
  EISDIR: folder,
  EBUSY: busy,
  EIO: broken,
  SQLITE_FULL: full,
  SQLITE_READONLY: readOnly,
  SQLITE_CORRUPT: corrupt,
  SQLITE_NOTADB: corrupt,
  SQLITE_IOERR: broken,
  // the index of the write-ahead log could not grow, which on a healthy disk means a full one
  SQLITE_IOERR_SHMSIZE: full,
  SQLITE_CANTOPEN: denied,
  SQLITE_BUSY: busy,
}

/** `error` as a `MonoscopeError` about `path` when it is one a person can act on, else as it is. */
export function ioError(error: unknown, path: string): unknown {
  if (error instanceof MonoscopeError) return error
  const code = cannotOpen(error) ? whyNotOpened(path) : (error as { code?: unknown }).code
  if (typeof code !== 'string') return error
  // SQLite's extended codes append what exactly failed: SQLITE_IOERR_WRITE
  const explanation = explanations[code] ?? explanations[code.split('_').slice(0, 2).join('_')]
  if (!explanation) return error
  return expected(explanation.code, `Cannot use ${path}: ${explanation.what}.`, explanation.hint, error)
}

/** Runs `work` on the file at `path`; what fails of it is an error a person can act on where there is one. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw ioError(error, path)
  }
}

/** SQLite's word for every failed opening; the binding has its own for a missing folder. */
function cannotOpen(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  if (typeof code === 'string') return code.startsWith('SQLITE_CANTOPEN')
  return error instanceof TypeError && error.message.startsWith('Cannot open database')
}

/** Asks the file system why a database could not be opened; even reading one with a write-ahead log writes. */
function whyNotOpened(path: string): string {
  try {
    accessSync(dirname(path), constants.W_OK)
    if (statSync(path).isDirectory()) return 'EISDIR'
    accessSync(path, constants.R_OK | constants.W_OK)
    return 'SQLITE_CANTOPEN'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'SQLITE_CANTOPEN'
  }
}
