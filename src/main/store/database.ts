// Opening SQLite: one way to write, one way to read, ordered migrations, and clear refusals.
import Database from 'better-sqlite3'
import { expected } from '../../shared/errors.ts'
import { ioError } from './io-error.ts'

declare const access: unique symbol

/** A connection that only reads; any number may be open. */
export type ReadDb = Database.Database & { readonly [access]?: 'read' | 'write' }
/** The one connection that writes; its functions take this type, so that a reader cannot be passed by mistake. */
export type WriteDb = Database.Database & { readonly [access]: 'write' }

/** One step of a schema's history; its place in the list is its version. Never edit one that was released. */
export interface Migration {
  readonly name: string
  up(db: Database.Database): void
}

/**
 * Opens `path` for writing and brings it to the newest version, each step in one transaction with its
 * `user_version`. Throws `workspace/newer` for a database from a newer Monoscope, `disk/…` for the rest.
 */
export function openForWriting(path: string, migrations: readonly Migration[]): WriteDb {
  return guarded(path, () => {
    const db = new Database(path, { timeout: 5_000 })
    try {
      refuseNewer(db, path, migrations.length)
      db.pragma('journal_mode = WAL')
      db.pragma('synchronous = NORMAL')
      db.pragma('foreign_keys = ON')
      migrate(db, migrations)
      return db as WriteDb
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Opens `path` for reading only; it must exist. Throws `disk/…`. */
export function openForReading(path: string): ReadDb {
  return guarded(path, () => {
    const db: ReadDb = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 })
    try {
      db.pragma('query_only = ON')
      // SQLite opens lazily: look inside now, where what is wrong can still be named
      db.pragma('schema_version')
      return db
    } catch (error) {
      db.close()
      throw error
    }
  })
}

/** Puts all of a database into its one file, so that a copy that may not be written to opens. */
export function leaveOneFile(db: WriteDb): void {
  db.pragma('wal_checkpoint(TRUNCATE)')
  db.pragma('journal_mode = DELETE')
}

/** Runs `work`, turning what SQLite throws into errors a person can act on. */
export function guarded<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw ioError(error, path)
  }
}

function refuseNewer(db: Database.Database, path: string, newest: number): void {
  const version = versionOf(db)
  if (version <= newest) return
  throw expected(
    'workspace/newer',
    `${path} was written by a newer Monoscope (format ${version}; this one knows up to ${newest}).`,
    'Update Monoscope, or choose another workspace. Nothing was changed.',
  )
}

function migrate(db: Database.Database, migrations: readonly Migration[]): void {
  for (const [index, migration] of migrations.entries()) {
    if (index < versionOf(db)) continue
    db.transaction(() => {
      // another process may have done this step while we waited for the database
      if (index < versionOf(db)) return
      migration.up(db)
      db.pragma(`user_version = ${index + 1}`)
    }).immediate()
  }
}

function versionOf(db: Database.Database): number {
  return db.pragma('user_version', { simple: true }) as number
}
