// The workspace database: migrations that keep their data, clear refusals, and full, read-only and damaged files.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { guarded, openForReading, openForWriting } from '../../../src/main/store/database.ts'
import { appendLog, readLog } from '../../../src/main/store/job-log.ts'
import { findJob, listJobs, putArtifact, putJob } from '../../../src/main/store/job-rows.ts'
import { appendSamples, readSamples } from '../../../src/main/store/job-samples.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { deleteModel, findModel, listModels, putModel } from '../../../src/main/store/model-rows.ts'
import { readSettings, writeSettings } from '../../../src/main/store/settings-rows.ts'
import { jobNamed } from '../../helpers/jobs.ts'
import { modelNamed } from '../../helpers/models.ts'
import { sampleAt } from '../../helpers/samples.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { canMount, makeReadOnly, smallDisk } from '../../helpers/disk.ts'
import { freshDatabase } from './fresh.ts'

describe('the workspace database', () => {
  it('keeps what version 1 held when it moves to version 2', async () => {
    const path = join(await temporaryFolder(), 'old.sqlite')
    const old = openForWriting(path, workspaceMigrations.slice(0, 1))
    writeSettings(old, { retries: 7 })
    putJob(old, jobNamed('old'), 12)
    appendLog(old, 'old', [{ seq: 1, at: 5, level: 'info', text: 'kept' }])
    old.close()
    const now = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void now.close())
    expect(readSettings(now).retries).toBe(7)
    expect(findJob(now, 'old')).toEqual(jobNamed('old'))
    expect(readLog(now, 'old', 9, 9)[0]?.text).toBe('kept')
    putArtifact(now, 'old', { kind: 'list', path: '/p', bytes: 3 })
    expect(findJob(now, 'old').artifacts).toEqual([{ kind: 'list', path: '/p', bytes: 3 }])
  })

  it('keeps what version 2 held when it moves to version 3, and has a registry of models then', async () => {
    const path = join(await temporaryFolder(), 'old.sqlite')
    const old = openForWriting(path, workspaceMigrations.slice(0, 2))
    writeSettings(old, { retries: 7 })
    putJob(old, jobNamed('old'), 12)
    putArtifact(old, 'old', { kind: 'list', path: '/p', bytes: 3 })
    appendSamples(old, 'old', [sampleAt(5, { rss: 7 })])
    old.close()
    const now = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void now.close())
    expect(readSettings(now).retries).toBe(7)
    expect(findJob(now, 'old').artifacts).toEqual([{ kind: 'list', path: '/p', bytes: 3 }])
    expect(readSamples(now, 'old', 10)).toEqual([sampleAt(5, { rss: 7 })])
    const models = [modelNamed('alpha'), { ...modelNamed('beta'), importedAt: 2, licence: 'mit' }]
    for (const model of models) putModel(now, model)
    putModel(now, { ...modelNamed('alpha'), state: 'missing', problem: 'It is gone.' })
    expect(listModels(now)).toEqual([models[1], { ...models[0], state: 'missing', problem: 'It is gone.' }])
    expect(findModel(now, 'be')).toEqual(models[1])
    deleteModel(now, 'beta')
    expect(() => findModel(now, 'beta')).toThrow(expect.objectContaining({ code: 'models/unknown' }))
  })

  it('from a newer version is refused and left alone', async () => {
    const path = join(await temporaryFolder(), 'new.sqlite')
    const future = new Database(path)
    future.pragma('user_version = 99')
    future.close()
    expect(() => openForWriting(path, workspaceMigrations)).toThrow(
      expect.objectContaining({ code: 'workspace/newer', message: expect.stringContaining('99') as string }),
    )
    const after = new Database(path)
    expect(after.pragma('user_version', { simple: true })).toBe(99)
    after.close()
  })

  it('that is damaged or no database is refused and left alone', async () => {
    const path = join(await temporaryFolder(), 'broken.sqlite')
    writeFileSync(path, 'this is a letter to my aunt, '.repeat(100))
    expect(() => openForWriting(path, workspaceMigrations)).toThrow(
      expect.objectContaining({ code: 'disk/corrupt' }),
    )
    expect(readFileSync(path, 'utf8')).toContain('my aunt')
  })

  it('rolls a failing migration back whole', async () => {
    const path = join(await temporaryFolder(), 'half.sqlite')
    const broken = {
      name: 'broken',
      up: (db: Database.Database) => {
        db.exec('CREATE TABLE half (x)')
        throw new Error('no')
      },
    }
    expect(() => openForWriting(path, [broken])).toThrow('no')
    const db = new Database(path)
    expect(db.prepare('SELECT count(*) AS n FROM sqlite_master').get()).toEqual({ n: 0 })
    db.close()
  })

  it('keeps every committed row when its writer is killed', async () => {
    const path = join(await temporaryFolder(), 'killed.sqlite')
    const child = fork(fileURLToPath(new URL('writer.ts', import.meta.url)), [path])
    onTestFinished(() => void child.kill('SIGKILL'))
    let committed = -1
    child.on('message', (count) => (committed = Number(count)))
    await expect.poll(() => committed).toBeGreaterThan(50)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const db = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void db.close())
    const lines = readLog(db, 'job', Number.MAX_SAFE_INTEGER, 1_000_000)
    expect(lines.length).toBeGreaterThanOrEqual(committed)
    expect(lines.every((line, index) => line.seq === index + 1)).toBe(true)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  })

  it('opens for reading only', async () => {
    const { path } = await freshDatabase()
    const reader = openForReading(path)
    expect(() => reader.exec('DELETE FROM job')).toThrow()
    reader.close()
  })

  it('cut short or overwritten in the middle is refused and left alone', async () => {
    for (const damage of [
      (path: string) => truncateSync(path, 20_000),
      (path: string) => {
        const file = openSync(path, 'r+')
        // the head of its first page, too, after the file's: it says where the schema is
        writeSync(file, Buffer.alloc(3_000, 7), 0, 3_000, 100)
        closeSync(file)
      },
    ]) {
      const path = join(await temporaryFolder(), 'broken.sqlite')
      const db = openForWriting(path, workspaceMigrations)
      putJob(db, { ...jobNamed('j'), title: 'x'.repeat(30_000) }, null)
      db.close()
      damage(path)
      const before = readFileSync(path)
      expect(() => openForWriting(path, workspaceMigrations)).toThrow(
        expect.objectContaining({ code: 'disk/corrupt' }),
      )
      expect(readFileSync(path).equals(before)).toBe(true)
    }
  })

  it('keeps what version 2 held when it is opened again', async () => {
    const path = join(await temporaryFolder(), 'same.sqlite')
    const first = openForWriting(path, workspaceMigrations)
    putJob(first, jobNamed('j'), null)
    appendSamples(first, 'j', [sampleAt(5, { rss: 7 })])
    first.close()
    const again = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void again.close())
    expect(readSamples(again, 'j', 10)).toEqual([sampleAt(5, { rss: 7 })])
  })

  it('is migrated once when three processes open it at the same moment', async () => {
    const path = join(await temporaryFolder(), 'both.sqlite')
    const children = [1, 2, 3].map(() => fork(fileURLToPath(new URL('migrator.ts', import.meta.url)), [path]))
    expect(await Promise.all(children.map((child) => once(child, 'exit')))).toEqual([
      [0, null],
      [0, null],
      [0, null],
    ])
  })

  it('is written by one process while another reads', async () => {
    const { path, db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    const reader = openForReading(path)
    onTestFinished(() => void reader.close())
    expect(listJobs(reader, 9)).toHaveLength(1)
    db.exec('BEGIN IMMEDIATE')
    putJob(db, jobNamed('k'), null)
    expect(listJobs(reader, 9)).toHaveLength(1)
    db.exec('COMMIT')
    expect(listJobs(reader, 9)).toHaveLength(2)
  })

  it('says that it is busy when another process writes', async () => {
    const { path, db } = await freshDatabase()
    const other = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void other.close())
    other.pragma('busy_timeout = 20')
    db.exec('BEGIN IMMEDIATE')
    expect(() => guarded(path, () => putJob(other, jobNamed('j'), null))).toThrow(
      expect.objectContaining({ code: 'disk/busy' }),
    )
    db.exec('ROLLBACK')
  })

  it('that is missing, in a missing folder, or a folder says which', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'folder.sqlite'))
    const code = (expected: string) => expect.objectContaining({ kind: 'expected', code: expected }) as Error
    expect(() => openForReading(join(folder, 'none.sqlite'))).toThrow(code('disk/missing'))
    expect(() => openForWriting(join(folder, 'no', 'x.sqlite'), [])).toThrow(code('disk/missing'))
    expect(() => openForWriting(join(folder, 'folder.sqlite'), [])).toThrow(code('disk/is-a-folder'))
  })

  it.skipIf(!canMount)('on a disk too small for it is refused as a full disk (needs mount)', async () => {
    for (const size of ['4k', '8k', '32k', '64k']) {
      const disk = await smallDisk(size)
      expect(() => openForWriting(join(disk, 'm.sqlite'), workspaceMigrations)).toThrow(
        expect.objectContaining({ code: 'disk/full' }),
      )
    }
  })

  it.skipIf(!canMount)(
    'on a disk that fills up keeps every row that was committed (needs mount)',
    async () => {
      const path = join(await smallDisk('400k'), 'm.sqlite')
      const db = openForWriting(path, workspaceMigrations)
      putJob(db, jobNamed('j'), null)
      let seq = 0
      const fill = () => {
        for (;;) {
          const line = { seq: seq + 1, at: 0, level: 'info' as const, text: 'x'.repeat(4_000) }
          guarded(path, () => appendLog(db, 'j', [line]))
          seq++
        }
      }
      expect(fill).toThrow(expect.objectContaining({ code: 'disk/full' }))
      expect(seq).toBeGreaterThan(10)
      db.close()
      const again = openForReading(path)
      onTestFinished(() => void again.close())
      expect(readLog(again, 'j', Number.MAX_SAFE_INTEGER, 100_000)).toHaveLength(seq)
    },
  )

  it.skipIf(!canMount)('on a read-only disk says so (needs mount)', async () => {
    const disk = await smallDisk('2m')
    const path = join(disk, 'old.sqlite')
    openForWriting(path, workspaceMigrations).close()
    makeReadOnly(disk)
    const readOnly = expect.objectContaining({ code: 'disk/read-only' }) as Error
    expect(() => openForReading(path)).toThrow(readOnly)
    expect(() => openForWriting(path, workspaceMigrations)).toThrow(readOnly)
    expect(() => openForWriting(join(disk, 'new.sqlite'), workspaceMigrations)).toThrow(readOnly)
  })

  it('keeps readers from where writing is done', async () => {
    const { path } = await freshDatabase()
    const reader = openForReading(path)
    onTestFinished(() => void reader.close())
    // @ts-expect-error a reader is no writer; at run time SQLite refuses as well
    expect(() => putJob(reader, jobNamed('j'), null)).toThrow('readonly')
  })
})
