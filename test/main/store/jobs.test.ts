// Job rows, their logs and their samples, and the settings: what goes in comes out, bounded and reduced.
import { describe, expect, it } from 'vitest'
import { appendLog, lastLogLine, LOG_LIMIT, readLog } from '../../../src/main/store/job-log.ts'
import {
  activeJobs,
  deleteJob,
  findJob,
  listJobs,
  putArtifact,
  putJob,
} from '../../../src/main/store/job-rows.ts'
import { appendSamples, readSamples } from '../../../src/main/store/job-samples.ts'
import { readSettings, writeSettings } from '../../../src/main/store/settings-rows.ts'
import { jobNamed } from '../../helpers/jobs.ts'
import { sampleAt } from '../../helpers/samples.ts'
import { freshDatabase } from './fresh.ts'

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
    expect(reduced.length).toBeLessThanOrEqual(100)
    expect(reduced.length).toBeGreaterThan(90)
    expect(reduced.at(-1)?.at).toBe(4_999_000)
    expect(Math.max(...reduced.map((sample) => sample.rss ?? 0))).toBe(9e9)
    expect(reduced.every((sample) => sample.cpu === 50)).toBe(true)
    expect(readSamples(db, 'none', 10)).toEqual([])
  })

  it('average what flows, and leave out what nothing answered', async () => {
    const { db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    const cpu = [0, 100, null, 30]
    appendSamples(
      db,
      'j',
      cpu.map((value, index) => sampleAt(index * 1000, { cpu: value })),
    )
    expect(readSamples(db, 'j', 2).map((sample) => [sample.at, sample.cpu, sample.vram])).toEqual([
      [1000, 50, null],
      [3000, 30, null],
    ])
    expect(readSamples(db, 'j', 10).map((sample) => sample.cpu)).toEqual(cpu)
  })

  it('list those that were at work, with their processes', async () => {
    const { db } = await freshDatabase()
    const states = ['queued', 'running', 'done', 'paused'] as const
    for (const state of states) putJob(db, { ...jobNamed(state), state }, state === 'running' ? 4711 : null)
    const active = activeJobs(db).map(({ job, pid }) => [job.id, pid])
    expect(active.sort()).toEqual([
      ['queued', null],
      ['running', 4711],
    ])
  })

  it('keep errors and results, and count on from the last line', async () => {
    const { db } = await freshDatabase()
    const error = { kind: 'expected' as const, code: 'disk/full', message: 'Full.', hint: 'Free some space.' }
    const failed = { ...jobNamed('j'), state: 'failed' as const, error, result: { files: 3 }, peakRss: 9e9 }
    putJob(db, jobNamed('j'), 1)
    putJob(db, failed, null)
    expect(findJob(db, 'j')).toEqual(failed)
    expect(lastLogLine(db, 'j')).toBe(0)
    appendLog(db, 'j', [{ seq: 41, at: 1, level: 'warn', text: '' }])
    expect(lastLogLine(db, 'j')).toBe(41)
  })

  it('go with all that belongs to them, and nothing of others', async () => {
    const { db } = await freshDatabase()
    for (const id of ['a', 'b']) {
      putJob(db, jobNamed(id), null)
      appendLog(db, id, [{ seq: 1, at: 1, level: 'info', text: id }])
      appendSamples(db, id, [sampleAt(1, {})])
      putArtifact(db, id, { kind: 'list', path: '/p', bytes: 1 })
    }
    deleteJob(db, 'a')
    for (const table of ['job_log', 'job_sample', 'job_artifact']) {
      expect(db.prepare(`SELECT job FROM ${table}`).all()).toEqual([{ job: 'b' }])
    }
    expect(listJobs(db, 9).map((job) => job.id)).toEqual(['b'])
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
