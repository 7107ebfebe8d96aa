// Jobs from start to end, and through everything that can end them otherwise.
import { createHash } from 'node:crypto'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../../src/shared/contract/settings.ts'
import type { Job, LogLine } from '../../../src/shared/jobs/job.ts'
import { Jobs, type JobsOptions } from '../../../src/main/host/jobs.ts'
import { MachineWatch } from '../../../src/main/host/machine-watch.ts'
import { openForWriting } from '../../../src/main/store/database.ts'
import { workspaceMigrations } from '../../../src/main/store/migrations.ts'
import { openWorkspace } from '../../../src/main/store/workspace.ts'
import { builtCompute } from '../../helpers/built.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const misbehaving = new URL('misbehaving.ts', import.meta.url)
const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'
const hashing = (job: Job) => job.progress.phase === 'working' && job.progress.done > 1_000_000

/** A tree with files in nested folders, a link, and one file that takes seconds to read (sparse). */
async function tree(large = 0): Promise<string> {
  const folder = join(await temporaryFolder(), 'tree')
  await mkdir(join(folder, 'b'), { recursive: true })
  await writeFile(join(folder, 'b', 'x.txt'), 'hello')
  await writeFile(join(folder, 'c.txt'), 'world')
  await symlink('c.txt', join(folder, 'link'))
  if (large > 0) {
    for (let index = 0; index < 8; index++) {
      const path = join(folder, `large-${index}`)
      await writeFile(path, '')
      await truncate(path, large / 8)
    }
  }
  return folder
}

describe('a checksum job', { timeout: 120_000 }, () => {
  it('hashes every file, names what it left out, and lists them', async () => {
    const { client } = await testHost()
    const folder = await tree()
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    const job = await jobUntil(client, id, ended)
    const sha = (text: string) => createHash('sha256').update(text).digest('hex')
    const lines = `${sha('hello')}  b/x.txt\n${sha('world')}  c.txt\n`
    expect(job).toMatchObject({ state: 'done', attempt: 1, progress: { phase: 'finished' }, error: null })
    expect(job.result).toMatchObject({ digest: sha(lines), files: 2, bytes: 10, skipped: 1 })
    const list = (await readFile((job.result as { path: string }).path, 'utf8')).trim().split('\n')
    expect(list.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual(['b/x.txt', 'c.txt'])
    expect(job.artifacts).toEqual([
      { kind: 'checksums', path: (job.result as { path: string }).path, bytes: expect.any(Number) as number },
    ])
    const log = await client.call('jobs.logPage', { id, before: 1e9, limit: 100 })
    expect(log.map((line: LogLine) => line.text)).toContain('Left out link: it is a link.')
    expect(job.peakRss).toBeGreaterThan(10e6)
  })

  it('of bad parameters is not made; of a missing folder fails with a hint', async () => {
    const { client } = await testHost()
    await expect(client.call('jobs.start', { kind: 'checksum', params: {} })).rejects.toMatchObject({
      code: 'jobs/params',
      message: expect.stringContaining('folder') as string,
    })
    expect(await client.call('jobs.list', {})).toEqual([])
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder: '/no/such' } })
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'failed', error: { code: 'folder/unreadable' } })
    expect(job.error?.hint).toBeTruthy()
  })

  it('can be cancelled, paused, killed and resumed; the result is that of an undisturbed run', async () => {
    const { client } = await testHost()
    const folder = await tree(2e9)
    const whole = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    const { result } = await jobUntil(client, whole.id, ended)
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    for (const [how, state] of [
      ['jobs.cancel', 'cancelled'],
      ['jobs.pause', 'paused'],
      ['jobs.kill', 'interrupted'],
    ] as const) {
      await jobUntil(client, id, hashing)
      await client.call(how, { id })
      expect((await jobUntil(client, id, ended)).state).toBe(state)
      await client.call('jobs.resume', { id })
    }
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'done', attempt: 4 })
    const { path: _first, ...undisturbed } = result as { path: string }
    expect(job.result).toMatchObject(undisturbed)
    expect(await client.call('jobs.delete', { id })).toEqual({ freedBytes: expect.any(Number) as number })
    await expect(client.call('jobs.get', { id })).rejects.toMatchObject({ code: 'jobs/unknown' })
  })

  it('records what it used, and streams it', async () => {
    const { client } = await testHost()
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder: await tree(4e8) } })
    await jobUntil(client, id, ended)
    const columns = await new Promise<{ rss: Float64Array; machineMemoryTotal: Float64Array }>((resolve) =>
      client.subscribe('jobs.samples', { id }, { state: (state) => resolve(state) }),
    )
    expect(columns.rss.length).toBeGreaterThan(0)
    expect(Math.min(...columns.rss)).toBeGreaterThan(10e6)
    expect(columns.machineMemoryTotal[0]).toBeGreaterThan(1e8)
  })
})

describe('the queue', () => {
  it('runs as many at once as the settings say; a waiting job is cancelled at once', async () => {
    const { client } = await testHost({ compute: { entry: misbehaving } })
    const start = () => client.call('jobs.start', { kind: 'checksum', params: { folder: '/wait' } })
    const [first, second] = [await start(), await start()]
    await jobUntil(client, first.id, (job) => job.state === 'running')
    expect((await client.call('jobs.get', { id: second.id })).state).toBe('queued')
    expect((await client.call('jobs.cancel', { id: second.id })).state).toBe('cancelled')
    await expect(client.call('jobs.delete', { id: first.id })).rejects.toMatchObject({ code: 'jobs/state' })
    await client.call('settings.set', { concurrentJobs: 2 })
    const third = await start()
    await jobUntil(client, third.id, (job) => job.state === 'running')
    // deaf, they would hold up the host when it closes
    for (const { id } of [first, third]) await client.call('jobs.kill', { id })
  })
})

describe('a process that goes wrong', () => {
  async function run(how: string, settings: object = { retries: 0 }, execArgv: string[] = []) {
    const { client } = await testHost({ compute: { entry: misbehaving, execArgv } })
    await client.call('settings.set', { ...settings })
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder: `/${how}` } })
    return { client, id }
  }

  it('and crashes is told from one that exits', async () => {
    const crash = await run('crash')
    expect(await jobUntil(crash.client, crash.id, ended)).toMatchObject({
      state: 'interrupted',
      error: { code: 'job/crashed', message: expect.stringContaining('SIGABRT') as string },
    })
    const exit = await run('exit')
    expect(await jobUntil(exit.client, exit.id, ended)).toMatchObject({
      error: { code: 'job/crashed', message: expect.stringContaining('exit code 3') as string },
    })
  })

  it('and runs out of heap is named so', async () => {
    const { client, id } = await run('heap', { retries: 3 }, ['--max-old-space-size=64'])
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'interrupted', attempt: 1, error: { code: 'job/out-of-memory' } })
    expect(job.error?.message).toContain('it used')
  })

  it('and crashes again and again is restarted with growing pauses, and not for ever', async () => {
    const { client, id } = await run('crash', { retries: 1 })
    const waiting = await jobUntil(client, id, (job) => job.state === 'queued' && job.error !== null)
    expect(waiting.error?.code).toBe('job/crashed')
    const job = await jobUntil(client, id, ended)
    expect(job).toMatchObject({ state: 'interrupted', attempt: 2, error: { code: 'job/crash-loop' } })
  })

  it('and is killed from outside is interrupted, not restarted', async () => {
    const { client, id } = await run('wait', { retries: 3 })
    const pid = await pidFromLog(client, id)
    process.kill(pid, 'SIGKILL')
    expect(await jobUntil(client, id, ended)).toMatchObject({
      state: 'interrupted',
      attempt: 1,
      error: { code: 'job/killed' },
    })
  })

  it.each(['wait', 'block'])('and does not stop when asked (%s) is ended after its grace', async (how) => {
    const { client, id } = await run(how, { stopGrace: 0.3 })
    await pidFromLog(client, id)
    await new Promise((resolve) => setTimeout(resolve, 900))
    await client.call('jobs.cancel', { id })
    expect((await jobUntil(client, id, ended)).state).toBe('cancelled')
  })

  it('and shows no sign of life is ended as frozen', async () => {
    const jobs = await jobsWith({ launch: builtCompute({ entry: misbehaving }), frozenAfter: 1_500 })
    const { id } = jobs.start('checksum', { folder: '/silent' })
    await expect.poll(() => jobs.get(id).state, { timeout: 10_000 }).toBe('interrupted')
    expect(jobs.get(id).error?.code).toBe('job/frozen')
    await jobs.close(100)
  })
})

describe('a job that waits for the devices to be probed', () => {
  it('is cancelled at once: it has nothing under way', async () => {
    const never = () => new Promise<never>(() => undefined)
    const jobs = await jobsWith({ launch: builtCompute(), supplies: { devices: never, hub: never } })
    const { id } = jobs.start('benchmark', {})
    await expect.poll(() => jobs.get(id).state).toBe('running')
    jobs.stop(id, 'cancelled')
    await expect.poll(() => jobs.get(id).state, { timeout: 5_000 }).toBe('cancelled')
    await jobs.close(100)
  })
})

/** Jobs without a host, which are not tried again. */
async function jobsWith(changes: Pick<JobsOptions, 'launch'> & Partial<JobsOptions>): Promise<Jobs> {
  const workspace = await openWorkspace(join(await temporaryFolder(), 'w'))
  const none = () => Promise.resolve(0)
  return new Jobs({
    ...{
      workspace,
      db: openForWriting(workspace.database, workspaceMigrations),
      machine: new MachineWatch(),
    },
    supplies: { devices: () => Promise.resolve([]), hub: () => Promise.reject(new Error('No Hub.')) },
    settings: () => ({ ...settingsSchema.parse({}), retries: 0 }),
    left: { bytes: none, discard: none },
    onProblem: () => undefined,
    ...changes,
  })
}

describe('a host that closes', { timeout: 120_000 }, () => {
  it('leaves its jobs interrupted and resumable, and the workspace free', async () => {
    const { client, close, workspace } = await testHost()
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder: await tree(1e9) } })
    await jobUntil(client, id, hashing)
    await close()
    const next = await testHost({ workspace })
    expect(await next.client.call('jobs.get', { id })).toMatchObject({
      state: 'interrupted',
      error: { code: 'job/closed' },
    })
    await next.client.call('jobs.resume', { id })
    expect((await jobUntil(next.client, id, ended)).state).toBe('done')
  })
})

describe('a job whose turn had not come', { timeout: 120_000 }, () => {
  it('is interrupted and resumable after its host closed, and after its host died', async () => {
    const first = await testHost({ compute: { entry: misbehaving } })
    const start = () => first.client.call('jobs.start', { kind: 'checksum', params: { folder: '/wait' } })
    const [running, { id }] = [await start(), await start()]
    await jobUntil(first.client, running.id, (job) => job.state === 'running')
    await first.client.call('settings.set', { stopGrace: 1 })
    await first.close()
    const second = await testHost({ workspace: first.workspace })
    const state = (host: typeof second) => host.client.call('jobs.get', { id })
    expect(await state(second)).toMatchObject({ state: 'interrupted', error: { code: 'job/closed' } })
    await second.close()

    // what a host that was killed leaves in the database
    const db = new Database(join(first.workspace, 'monoscope.sqlite'))
    db.prepare("UPDATE job SET state = 'queued', error = NULL WHERE id = ?").run(id)
    db.close()
    const third = await testHost({ workspace: first.workspace, compute: { entry: misbehaving } })
    expect(await state(third)).toMatchObject({
      state: 'interrupted',
      error: { code: 'job/host-died', message: expect.stringContaining('was waiting to run') as string },
    })
    await third.client.call('jobs.resume', { id })
    await jobUntil(third.client, id, (job) => job.state === 'running')
    await third.client.call('jobs.kill', { id })
  })
})

async function pidFromLog(client: Parameters<typeof jobUntil>[0], id: string): Promise<number> {
  return new Promise((resolve) => {
    client.subscribe(
      'jobs.log',
      { id },
      {
        state: (lines) => {
          const pid = lines.map((line) => /process (\d+)/.exec(line.text)?.[1]).find(Boolean)
          if (pid) resolve(Number(pid))
        },
      },
    )
  })
}
