// Reads that can take longer than 20 ms; they run in the reader's thread.
import type { ReadDb } from './database.ts'
import { readLog } from './job-log.ts'
import { readSamples } from './job-samples.ts'

export const reads = { readLog, readSamples }

type Reads = typeof reads
export type ReadName = keyof Reads
/** The arguments of a read, without the connection. */
export type ReadArguments<N extends ReadName> =
  Parameters<Reads[N]> extends [ReadDb, ...infer Rest] ? Rest : never
export type ReadResult<N extends ReadName> = ReturnType<Reads[N]>
