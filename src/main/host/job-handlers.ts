// The contract's jobs over the jobs of this host.
import type { Handlers } from '../../shared/contract/define.ts'
import type { jobsContract } from '../../shared/contract/jobs.ts'
import type { LogLine } from '../../shared/jobs/job.ts'
import { toColumns } from '../../shared/jobs/series.ts'
import type { Reader } from '../store/reader.ts'
import type { WorkspaceReads } from '../store/reads.ts'
import type { Emitter } from './emitter.ts'
import type { Jobs } from './jobs.ts'

const WATCHED = 200
const TAIL = 500

export function jobHandlers(jobs: Jobs, reader: Reader<WorkspaceReads>): Handlers<typeof jobsContract> {
  return {
    'jobs.start': ({ kind, params }) => jobs.start(kind, params),
    'jobs.cancel': ({ id }) => jobs.stop(id, 'cancelled'),
    'jobs.pause': ({ id }) => jobs.stop(id, 'paused'),
    'jobs.kill': ({ id }) => jobs.kill(id),
    'jobs.resume': ({ id }) => jobs.resume(id),
    'jobs.delete': async ({ id }) => ({ freedBytes: await jobs.delete(id) }),
    'jobs.size': async ({ id }) => ({ bytes: await jobs.size(id) }),
    'jobs.get': ({ id }) => jobs.get(id),
    'jobs.list': ({ limit }) => jobs.list(limit),
    'jobs.watch': (_none, sink, { signal }) => {
      sink.snapshot(jobs.list(WATCHED))
      jobs.changed.listenUntil(signal, (change) => sink.delta(change))
    },
    'jobs.log': async ({ id }, sink, { signal }) => {
      const job = jobs.get(id)
      const isNew = (line: LogLine, tail: LogLine[]) => line.seq > (tail.at(-1)?.seq ?? 0)
      const read = async () => {
        // a disk that is full keeps none of these, which say so
        const unwritten = jobs.flush(job.id)
        const written = await reader.read('readLog', [job.id, Number.MAX_SAFE_INTEGER, TAIL], signal)
        return [...written, ...unwritten.filter((line) => isNew(line, written))].slice(-TAIL)
      }
      await snapshotThenLive(jobs.logged, signal, job.id, read, {
        snapshot: (tail) => sink.snapshot(tail),
        live: ({ line }, tail) => isNew(line, tail) && sink.delta([line]),
      })
    },
    'jobs.logPage': ({ id, before, limit }, { signal }) =>
      reader.read('readLog', [jobs.get(id).id, before, limit], signal),
    'jobs.samples': async ({ id, points }, sink, { signal }) => {
      const job = jobs.get(id)
      const read = async () => {
        jobs.flush(job.id)
        return reader.read('readSamples', [job.id, points], signal)
      }
      await snapshotThenLive(jobs.sampled, signal, job.id, read, {
        snapshot: (samples) => sink.snapshot(toColumns(samples)),
        live: ({ sample }, samples) => {
          if (sample.at > (samples.at(-1)?.at ?? 0)) sink.delta(toColumns([sample]))
        },
      })
    },
  }
}

/** Listens before it reads, so that nothing falls between what was stored and what comes. */
async function snapshotThenLive<T, E extends { id: string }>(
  events: Emitter<E>,
  signal: AbortSignal,
  id: string,
  read: () => Promise<T>,
  to: { snapshot(stored: T): void; live(event: E, stored: T): unknown },
): Promise<void> {
  const early: E[] = []
  let tell = (event: E): unknown => early.push(event)
  events.listenUntil(signal, (event) => {
    if (event.id === id) tell(event)
  })
  const stored = await read()
  to.snapshot(stored)
  tell = (event) => to.live(event, stored)
  for (const event of early) tell(event)
}
