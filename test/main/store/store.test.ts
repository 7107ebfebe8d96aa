// The store: whole files or none, migrations that keep their data, clear refusals, one host per workspace.
import { execFileSync, fork, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished } from 'vitest'
import { writeFileAtomic } from '../../../src/main/store/atomic.ts'
import { openForReading, openForWriting } from '../../../src/main/store/database.ts'
import { appendLog, LOG_LIMIT, readLog } from '../../../src/main/store/job-log.ts'
import { findJob, listJobs, putArtifact, putJob } from '../../../src/main/store/job-rows.ts'
import { appendSamples, readSamples } from '../../../src/main/store/job-samples.ts'
import { lockWorkspace, readHolder } from '../../../src/main/store/lock.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { Reader } from '../../../src/main/store/reader.ts'
import { SecretFile } from '../../../src/main/store/secrets.ts'
import { readSettings, writeSettings } from '../../../src/main/store/settings-rows.ts'
import { defaultWorkspace, openWorkspace } from '../../../src/main/store/workspace.ts'
import { jobNamed } from '../../helpers/jobs.ts'
import { sampleAt } from '../../helpers/samples.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const canMount = process.platform === 'linux' && process.getuid?.() === 0 && tryMount()

/** Some containers let not even root mount. */
function tryMount(): boolean {
  const probe = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'])
  return probe.status === 0
}

/** A file system of its own with so much room, unmounted after the test. */
async function smallDisk(size: string): Promise<string> {
  const folder = await temporaryFolder()
  const disk = join(folder, 'disk')
  await mkdir(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  return disk
}

async function freshDatabase() {
  const path = join(await temporaryFolder(), 'monoscope.sqlite')
  const db = openForWriting(path, workspaceMigrations)
  onTestFinished(() => void db.close())
  return { path, db }
}

describe('atomic files', () => {
  it('appear whole, with their permissions, and replace what was there', async () => {
    const path = join(await temporaryFolder(), 'note.json')
    await writeFileAtomic(path, 'one')
    await writeFileAtomic(path, 'two', { mode: 0o600 })
    expect(readFileSync(path, 'utf8')).toBe('two')
    if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it.skipIf(!canMount)('on a full disk leave the old file and nothing else (needs mount)', async () => {
    const disk = await smallDisk('64k')
    const path = join(disk, 'note.bin')
    await writeFileAtomic(path, 'old')
    await expect(writeFileAtomic(path, Buffer.alloc(1_000_000))).rejects.toMatchObject({ code: 'disk/full' })
    expect(readFileSync(path, 'utf8')).toBe('old')
    expect(readdirSync(disk)).toEqual(['note.bin'])
  })
})

describe('a workspace', () => {
  it('is made where there is nothing, and opens again', async () => {
    const folder = join(await temporaryFolder(), 'deep', 'workspace')
    const workspace = await openWorkspace(folder)
    expect(readdirSync(folder).sort()).toEqual(['harvests', 'jobs', 'logs', 'models', 'reports', 'saes'])
    expect((await openWorkspace(folder)).path).toBe(workspace.path)
  })

  it('is never made in a folder with other files, nor where a file is', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'thesis.tex'), '')
    await expect(openWorkspace(folder)).rejects.toMatchObject({
      code: 'workspace/foreign',
      message: expect.stringContaining('thesis.tex') as string,
    })
    await expect(openWorkspace(join(folder, 'thesis.tex'))).rejects.toMatchObject({
      code: 'workspace/not-a-folder',
    })
    expect(readdirSync(folder)).toEqual(['thesis.tex'])
  })

  it.skipIf(!canMount)('on a read-only disk is refused (needs mount)', async () => {
    const disk = await smallDisk('1m')
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await expect(openWorkspace(disk)).rejects.toMatchObject({ code: 'disk/read-only' })
  })

  it('has a sensible place on each system', () => {
    expect(defaultWorkspace({ MONOSCOPE_WORKSPACE: '/w' }, 'linux')).toBe('/w')
    expect(defaultWorkspace({ XDG_DATA_HOME: '/data' }, 'linux')).toBe(join('/data', 'monoscope'))
    expect(defaultWorkspace({}, 'darwin')).toContain(join('Library', 'Application Support', 'Monoscope'))
    expect(defaultWorkspace({ LOCALAPPDATA: '/local' }, 'win32')).toBe(join('/local', 'Monoscope'))
  })
})

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
    let committed = -1
    child.on('message', (count) => (committed = Number(count)))
    await expect.poll(() => committed).toBeGreaterThan(50)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const db = openForWriting(path, workspaceMigrations)
    onTestFinished(() => void db.close())
    expect(readLog(db, 'job', Number.MAX_SAFE_INTEGER, 1_000_000).length).toBeGreaterThanOrEqual(committed)
  })

  it('opens for reading only', async () => {
    const { path } = await freshDatabase()
    const reader = openForReading(path)
    expect(() => reader.exec('DELETE FROM job')).toThrow()
    reader.close()
  })
})

describe('job rows', () => {
  it('come back as they went, newest first, by id or prefix', async () => {
    const { db } = await freshDatabase()
    const jobs = ['aa11', 'aa22', 'b'].map((id, age) => ({ ...jobNamed(id), createdAt: age }))
    for (const job of jobs) putJob(db, job, null)
    expect(listJobs(db, 2).map((job) => job.id)).toEqual(['b', 'aa22'])
    expect(findJob(db, 'aa1')).toEqual(jobs[0])
    expect(() => findJob(db, 'aa')).toThrow(expect.objectContaining({ code: 'jobs/ambiguous' }))
    for (const id of ['zz', '', "' OR 1=1 --"]) {
      expect(() => findJob(db, id)).toThrow(expect.objectContaining({ code: 'jobs/unknown' }))
    }
  })

  it('keep a bounded log, read by page', async () => {
    const { db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    const lines = Array.from({ length: LOG_LIMIT + 500 }, (_none, index) => ({
      seq: index + 1,
      at: index,
      level: 'info' as const,
      text: `line ${index + 1}`,
    }))
    appendLog(db, 'j', lines)
    expect(readLog(db, 'j', Number.MAX_SAFE_INTEGER, 2).map((line) => line.seq)).toEqual([20_499, 20_500])
    expect(readLog(db, 'j', 600, 1_000)[0]?.seq).toBe(501)
  })

  it('reduce long series to what a chart shows, keeping memory peaks', async () => {
    const { db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    const samples = Array.from({ length: 5_000 }, (_none, index) =>
      sampleAt(index * 1000, { rss: index === 2_345 ? 9e9 : 1e6, cpu: 50 }),
    )
    appendSamples(db, 'j', samples)
    const reduced = readSamples(db, 'j', 100)
    expect(reduced.length).toBeLessThanOrEqual(101)
    expect(Math.max(...reduced.map((sample) => sample.rss ?? 0))).toBe(9e9)
    expect(reduced.every((sample) => sample.cpu === 50)).toBe(true)
    expect(readSamples(db, 'none', 10)).toEqual([])
  })
})

describe('the reader', () => {
  it('reads in a thread, rejects at once when cancelled, and ends', async () => {
    const { path, db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    appendLog(db, 'j', [{ seq: 1, at: 1, level: 'info', text: 'hello' }])
    const reader = new Reader(path)
    expect(await reader.read('readLog', ['j', 10, 10])).toHaveLength(1)
    const abort = new AbortController()
    const cancelledRead = reader.read('readLog', ['j', 10, 10], abort.signal)
    abort.abort()
    await expect(cancelledRead).rejects.toMatchObject({ kind: 'cancelled' })
    await reader.close()
  })

  it('says what is wrong with the file', async () => {
    const reader = new Reader(join(await temporaryFolder(), 'missing.sqlite'))
    await expect(reader.read('readLog', ['j', 10, 10])).rejects.toMatchObject({ code: 'disk/denied' })
    await reader.close()
  })
})

describe('the lock', () => {
  it('names who holds the workspace, and ends with its holder', async () => {
    const folder = await temporaryFolder()
    const lock = await lockWorkspace(folder, { kind: 'serve', version: '1' })
    await lock.announce({ url: 'http://127.0.0.1:1', token: 't' })
    await expect(lockWorkspace(folder, { kind: 'cli', version: '1' })).rejects.toMatchObject({
      code: 'workspace/held',
      message: expect.stringContaining(`serve, process ${process.pid}`) as string,
    })
    expect(await readHolder(folder)).toMatchObject({ kind: 'serve', token: 't' })
    expect(statSync(join(folder, 'host.json')).mode & 0o077).toBe(0)
    await lock.release()
    expect(await readHolder(folder)).toBeNull()
    await (await lockWorkspace(folder, { kind: 'cli', version: '1' })).release()
  })

  it('is free after its holder was killed, whatever note that left', async () => {
    const folder = await temporaryFolder()
    const child = fork(fileURLToPath(new URL('holder.ts', import.meta.url)), [folder])
    await new Promise((resolve) => child.once('message', resolve))
    expect(await readHolder(folder)).toMatchObject({ pid: child.pid })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    expect(await readHolder(folder)).toBeNull()
    await (await lockWorkspace(folder, { kind: 'cli', version: '1' })).release()
  })
})

describe('secrets', () => {
  it('lie in a file only their owner can read, also after somebody opened it', async () => {
    const folder = await temporaryFolder()
    const secrets = new SecretFile(folder)
    expect(await secrets.get('huggingface')).toBeNull()
    await secrets.set('huggingface', 'hf_x')
    await chmod(join(folder, 'secrets.json'), 0o644)
    expect(await secrets.get('huggingface')).toBe('hf_x')
    expect(statSync(join(folder, 'secrets.json')).mode & 0o777).toBe(0o600)
    await secrets.delete('huggingface')
    expect(await secrets.get('huggingface')).toBeNull()
  })
})

describe('settings', () => {
  it('fall back to the default where the stored value no longer fits', async () => {
    const { db } = await freshDatabase()
    writeSettings(db, { concurrentJobs: 4 })
    db.prepare("INSERT INTO setting VALUES ('retries', '\"many\"'), ('gone', '1')").run()
    expect(readSettings(db)).toMatchObject({ concurrentJobs: 4, retries: 3 })
  })
})
