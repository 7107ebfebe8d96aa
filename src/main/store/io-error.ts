// What the file system and SQLite say when something cannot be written, as errors a person can act on.
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
  hint: 'Choose a workspace on a disk that can be written to.',
}
const denied: Explanation = {
  code: 'disk/denied',
  what: 'you may not write there',
  hint: 'Change the permissions, or choose another folder.',
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
  EIO: broken,
  SQLITE_FULL: full,
  SQLITE_READONLY: readOnly,
  SQLITE_CORRUPT: corrupt,
  SQLITE_NOTADB: corrupt,
  SQLITE_IOERR: broken,
  SQLITE_CANTOPEN: denied,
  SQLITE_BUSY: busy,
}

/** `error` as a `MonoscopeError` about `path` when it is one a person can act on, else as it is. */
export function ioError(error: unknown, path: string): unknown {
  if (error instanceof MonoscopeError) return error
  const code = (error as { code?: unknown }).code
  if (typeof code !== 'string') return error
  // SQLite's extended codes append what exactly failed: SQLITE_IOERR_WRITE
  const explanation = explanations[code] ?? explanations[code.split('_').slice(0, 2).join('_')]
  if (!explanation) return error
  return expected(explanation.code, `Cannot use ${path}: ${explanation.what}.`, explanation.hint, error)
}
