// A disk that fills while a job runs: it is said, nothing is lost, and the job goes on once there is room.
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ErrorData } from '../../../src/shared/errors.ts'
import type { Job, LogLine } from '../../../src/shared/jobs/job.ts'
import { canMount, smallDisk } from '../../helpers/disk.ts'
import { jobUntil, testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const misbehaving = new URL('misbehaving.ts', import.meta.url)
const ended = (job: Job) => job.state !== 'queued' && job.state !== 'running'
const diskFull = { kind: 'expected', code: 'disk/full', hint: expect.stringContaining('space') as string }
const latest = { before: Number.MAX_SAFE_INTEGER, limit: 5_000 }

/** One file that takes seconds to read (sparse), then files that are listed one by one. */
async function tree(): Promise<string> {
  const folder = join(await temporaryFolder(), 'tree')
  await mkdir(folder)
  writeFileSync(join(folder, 'a'), '')
  truncateSync(join(folder, 'a'), 1e9)
  for (let index = 0; index < 50; index++) await writeFile(join(folder, `b${index}`), `${index}`)
  return folder
}

/** Takes the last byte of the disk; the function returned gives them back. */
async function fill(disk: string): Promise<() => void> {
  const ballast = join(disk, 'workspace', '.ballast')
  for (let size = 1 << 20; size >= 1; size >>= 4) {
    while (await succeeds(appendFile(ballast, new Uint8Array(size))));
  }
  return () => rmSync(ballast)
}

function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  )
}

async function hostOnSmallDisk(options: Parameters<typeof testHost>[0] = {}) {
  const disk = await smallDisk('8m')
  const problems: (ErrorData | null)[] = []
  const onProblem = (problem: ErrorData | null) => void problems.push(problem)
  const opened = await testHost({ workspace: join(disk, 'workspace'), onProblem, ...options })
  return { ...opened, disk, problems }
}

describe.skipIf(!canMount)('a disk that fills while a job runs (needs mount)', { timeout: 180_000 }, () => {
  it('fails the job with a clear error; nothing is lost, and it goes on when there is room', async () => {
    const { client, disk, problems } = await hostOnSmallDisk()
    const folder = await tree()
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    const told: LogLine[] = []
    client.subscribe('jobs.log', { id }, { state: (lines) => void told.splice(0, told.length, ...lines) })
    await jobUntil(client, id, (job) => job.progress.phase === 'working' && job.progress.done > 1_000_000)
    const makeRoom = await fill(disk)
    const failed = await jobUntil(client, id, ended)
    expect(failed).toMatchObject({ state: 'failed', attempt: 1, error: diskFull })

    // all of it while the disk knows nothing of this
    await expect.poll(() => problems, { timeout: 20_000 }).toEqual([expect.objectContaining(diskFull)])
    expect(await client.call('jobs.get', { id })).toEqual(failed)
    expect(await client.call('jobs.list', {})).toEqual([failed])
    await expect(client.call('jobs.start', { kind: 'checksum', params: { folder } })).rejects.toMatchObject(
      diskFull,
    )
    await client.call('jobs.resume', { id })
    expect(await jobUntil(client, id, (job) => ended(job) && job.attempt === 2)).toMatchObject({
      state: 'failed',
      error: diskFull,
    })

    makeRoom()
    await expect.poll(() => problems.at(-1), { timeout: 20_000 }).toBeNull()
    await client.call('jobs.resume', { id })
    const done = await jobUntil(client, id, ended)
    expect(done).toMatchObject({ state: 'done', attempt: 3, error: null, result: { files: 51, skipped: 0 } })
    const undisturbed = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    const { digest } = (await jobUntil(client, undisturbed.id, ended)).result as { digest: string }
    expect(done.result).toMatchObject({ digest })
    const log = await client.call('jobs.logPage', { id, ...latest })
    expect(log.map((line) => line.seq)).toEqual(log.map((_line, index) => index + 1))
    expect(log).toEqual(told)
    const found = log.filter((line) => line.text.startsWith('Found 51 files'))
    expect(found).toHaveLength(3)
  })

  it('is said in the log of a job that needs no disk itself, also to who looks only now', async () => {
    const { client, disk, problems } = await hostOnSmallDisk({ compute: { entry: misbehaving } })
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder: '/wait' } })
    await jobUntil(client, id, (job) => job.state === 'running')
    const told: number[] = []
    client.subscribe('jobs.samples', { id }, { state: ({ at }) => void told.splice(0, told.length, ...at) })
    const makeRoom = await fill(disk)
    await expect.poll(() => problems.length, { timeout: 60_000 }).toBe(1)
    const before = told.length
    await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(before + 1)
    const lines = await new Promise<LogLine[]>((resolve) =>
      client.subscribe('jobs.log', { id }, { state: (state) => resolve(state) }),
    )
    expect(lines.map((line) => line.text)).toContainEqual(expect.stringContaining('the disk is full'))
    expect((await client.call('jobs.get', { id })).state).toBe('running')
    makeRoom()
    await expect.poll(() => problems.length, { timeout: 20_000 }).toBe(2)
    await expect
      .poll(async () => (await client.call('jobs.logPage', { id, ...latest })).at(-1)?.text, {
        timeout: 20_000,
      })
      .toBe('The workspace can be written to again.')
    // copied before it is asked again: the first who listens hears of a new sample between that answer and the comparison
    const heard = [...told]
    const samples = await new Promise<{ at: Float64Array }>((resolve) =>
      client.subscribe('jobs.samples', { id }, { state: (state) => resolve(state) }),
    )
    expect([...samples.at].slice(0, heard.length)).toEqual(heard)
    // deaf, it would hold up the host when it closes
    await client.call('jobs.kill', { id })
  })

  it('and stays full until the host closes leaves a workspace that opens, with the job resumable', async () => {
    const { client, disk, close, workspace } = await hostOnSmallDisk()
    const folder = await tree()
    const { id } = await client.call('jobs.start', { kind: 'checksum', params: { folder } })
    await jobUntil(client, id, (job) => job.progress.phase === 'working' && job.progress.done > 1_000_000)
    const makeRoom = await fill(disk)
    await close()
    await expect(testHost({ workspace })).rejects.toMatchObject(diskFull)
    makeRoom()
    const next = await testHost({ workspace })
    expect(await next.client.call('jobs.get', { id })).toMatchObject({ state: 'interrupted' })
    await next.client.call('jobs.resume', { id })
    expect(await jobUntil(next.client, id, ended)).toMatchObject({ state: 'done', result: { files: 51 } })
  })
})
