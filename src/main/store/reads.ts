// Reads that can take longer than 20 ms; they run in a reader's thread.
import { readLog } from './job-log.ts'
import { readSamples } from './job-samples.ts'

/** Questions about an opened file, by name; their arguments and answers cross to a thread and back. */
export type Reads<S> = Readonly<Record<string, (source: S, ...args: never[]) => unknown>>
/** The arguments of a read, without what it reads from. */
export type ReadArguments<F> = F extends (source: never, ...args: infer A) => unknown ? A : never
export type ReadResult<F> = F extends (source: never, ...args: never[]) => infer T ? Awaited<T> : never

/** Of the workspace's database. */
export const reads = { readLog, readSamples }
export type WorkspaceReads = typeof reads
