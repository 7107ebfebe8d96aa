// A workspace database of the newest version, gone after the test.
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { openForWriting, type WriteDb } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

export async function freshDatabase(): Promise<{ path: string; db: WriteDb }> {
  const path = join(await temporaryFolder(), 'monoscope.sqlite')
  const db = openForWriting(path, workspaceMigrations)
  onTestFinished(() => void db.close())
  return { path, db }
}
