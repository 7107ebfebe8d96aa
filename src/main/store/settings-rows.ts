// The workspace's settings as rows; a value that no longer fits its field falls back to the default.
import { type Settings, settingsSchema } from '../../shared/contract/settings.ts'
import type { ReadDb, WriteDb } from './database.ts'

export function readSettings(db: ReadDb): Settings {
  const rows = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM setting').all()
  const stored = new Map(rows.map((row) => [row.key, JSON.parse(row.value) as unknown]))
  const usable = Object.entries(settingsSchema.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(stored.get(key))
    return parsed.success ? [[key, parsed.data]] : []
  })
  return settingsSchema.parse(Object.fromEntries(usable))
}

export function writeSettings(db: WriteDb, changes: Partial<Settings>): Settings {
  const put = db.prepare('INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)')
  db.transaction(() => {
    for (const [key, value] of Object.entries(changes)) {
      put.run(key, JSON.stringify(value))
    }
  })()
  return readSettings(db)
}
