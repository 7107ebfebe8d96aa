// The demo as the one row it is: how far it is, or that nobody wants it.
import { type Demo, demoSchema, noDemo } from '../../shared/demo.ts'
import type { ReadDb, WriteDb } from './database.ts'

/** Null where none was begun; one that another version wrote otherwise is left alone. */
export function readDemo(db: ReadDb): Demo | null {
  const row = db.prepare<[], { content: string }>('SELECT content FROM demo').get()
  if (!row) return null
  return demoSchema.safeParse(JSON.parse(row.content)).data ?? { ...noDemo, state: 'unwanted' }
}

export function writeDemo(db: WriteDb, demo: Demo): void {
  db.prepare('INSERT OR REPLACE INTO demo (id, content) VALUES (1, ?)').run(JSON.stringify(demo))
}
