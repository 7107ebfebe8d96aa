// The reader and its thread: answers, cancellation, a thread that dies, and where threads start.
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { describe, expect, it, onTestFinished } from 'vitest'
import { entryUrl } from '../../../src/main/store/entry.ts'
import { appendLog } from '../../../src/main/store/job-log.ts'
import { putJob } from '../../../src/main/store/job-rows.ts'
import { workspaceReader } from '../../../src/main/store/reader.ts'
import { jobNamed } from '../../helpers/jobs.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { freshDatabase } from './fresh.ts'

/** The worker threads that start from now on. */
function watchThreads(): Worker[] {
  const threads: Worker[] = []
  const add = (worker: Worker) => void threads.push(worker)
  process.on('worker', add)
  onTestFinished(() => void process.off('worker', add))
  return threads
}

describe('the reader', () => {
  it('reads in a thread, rejects at once when cancelled, and ends', async () => {
    const { path, db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    appendLog(db, 'j', [{ seq: 1, at: 1, level: 'info', text: 'hello' }])
    const reader = workspaceReader(path)
    expect(await reader.read('readLog', ['j', 10, 10])).toHaveLength(1)
    const abort = new AbortController()
    const cancelledRead = reader.read('readLog', ['j', 10, 10], abort.signal)
    abort.abort()
    await expect(cancelledRead).rejects.toMatchObject({ kind: 'cancelled' })
    await reader.close()
  })

  it('says what is wrong with the file', async () => {
    const reader = workspaceReader(join(await temporaryFolder(), 'missing.sqlite'))
    await expect(reader.read('readLog', ['j', 10, 10])).rejects.toMatchObject({ code: 'disk/missing' })
    await reader.close()
  })

  it('rejects what was asked when its thread dies, and reads again in a new one', async () => {
    const { path, db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    appendLog(db, 'j', [{ seq: 1, at: 1, level: 'info', text: 'hello' }])
    const threads = watchThreads()
    const reader = workspaceReader(path)
    await reader.read('readLog', ['j', 10, 10])
    // told to end before it is asked, it answers none of these; its death is heard of later than they are asked
    const death = threads[0]?.terminate()
    const lost = [1, 2, 3].map(() => reader.read('readLog', ['j', 10, 10]))
    expect((await Promise.allSettled(lost)).map((result) => result.status)).toEqual([
      'rejected',
      'rejected',
      'rejected',
    ])
    expect(await reader.read('readLog', ['j', 10, 10])).toHaveLength(1)
    await death
    expect(threads).toHaveLength(2)
    await reader.close()
  })

  it('closed with a question open rejects it as cancelled', async () => {
    const { path, db } = await freshDatabase()
    putJob(db, jobNamed('j'), null)
    const reader = workspaceReader(path)
    const open = reader.read('readLog', ['j', 10, 10])
    const rejected = expect(open).rejects.toMatchObject({ kind: 'cancelled' })
    await reader.close()
    await rejected
    // a thread of before does not take the next one's questions with it
    const next = workspaceReader(path)
    expect(await next.read('readSamples', ['j', 10])).toEqual([])
    await next.close()
  })

  it('asks no thread for what is cancelled already', async () => {
    const threads = watchThreads()
    const reader = workspaceReader('/nowhere')
    await expect(reader.read('readLog', ['j', 1, 1], AbortSignal.abort())).rejects.toMatchObject({
      kind: 'cancelled',
    })
    expect(threads).toEqual([])
  })
})

describe('entries', () => {
  it('are source files when running from source, and bundles beside each other when built', () => {
    const source = 'file:///app/src/main/store/reader.ts'
    expect(entryUrl('store/reader-worker', source).href).toBe('file:///app/src/main/store/reader-worker.ts')
    expect(entryUrl('compute/index', source).href).toBe('file:///app/src/main/compute/index.ts')
    const bundle = 'file:///app/out/main/reads-Ab12.js'
    expect(entryUrl('store/reader-worker', bundle).href).toBe('file:///app/out/main/reader-worker.js')
    expect(entryUrl('compute/index', bundle).href).toBe('file:///app/out/main/compute.js')
  })
})
