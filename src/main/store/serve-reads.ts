// A reader's thread: answers what it is asked about one file, one question after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { toErrorData } from '../../shared/errors.ts'
import { guarded } from './database.ts'
import type { ReadReply, ReadRequest } from './reader.ts'
import type { Reads } from './reads.ts'

/** To be called by the entry of a thread; `open` is called with the first question, and again while it throws. */
export function serveReads<S>(open: (path: string) => S, reads: Reads<S>): void {
  const { path } = workerData as { path: string }
  const port = parentPort
  if (!port) throw new Error('This is for the entry of a worker thread.')
  let source: S | undefined
  const answer = async ({ id, name, args }: ReadRequest): Promise<ReadReply> => {
    try {
      const opened = (source ??= open(path))
      const read = reads[name] as (source: S, ...args: readonly unknown[]) => unknown
      return { id, result: await guarded(path, () => read(opened, ...args)) }
    } catch (error) {
      return { id, error: toErrorData(error) }
    }
  }
  let last: Promise<void> = Promise.resolve()
  port.on('message', (request: ReadRequest) => {
    last = last.then(async () => port.postMessage(await answer(request)))
  })
}
