// What a database holds, for comparing one with another.
import { openForReading } from '../../src/main/store/database.ts'

/** Every row of every table, in order; full text included. */
export function dump(path: string): Record<string, unknown[]> {
  const db = openForReading(path)
  const tables = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .pluck()
    .all()
    .filter((name) => name !== 'word' && name !== 'trigram')
  const rows = tables.map(
    (name) => [name, db.prepare(`SELECT * FROM "${name}" ORDER BY 1, 2`).raw().all()] as const,
  )
  db.close()
  return Object.fromEntries(rows)
}
