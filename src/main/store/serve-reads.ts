// A reader's thread: answers what it is asked about one file, one question after the other.
import { workerData } from 'node:worker_threads'
import { guarded } from './database.ts'
import type { Reads } from './reads.ts'
import { answerCalls } from './thread-calls.ts'

/** To be called by the entry of a thread; `open` is called with the first question, and again while it throws. */
export function serveReads<S>(open: (path: string) => S, reads: Reads<S>): void {
  const { path } = workerData as { path: string }
  let source: S | undefined
  const calls = Object.entries(reads).map(([name, read]) => {
    const call = (...args: never[]) => {
      const opened = (source ??= open(path))
      return guarded(path, () => read(opened, ...args))
    }
    return [name, call] as const
  })
  answerCalls(Object.fromEntries(calls))
}
