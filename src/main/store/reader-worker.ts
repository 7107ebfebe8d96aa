// The reader's thread: one read-only connection, answering one request after the other.
import { parentPort, workerData } from 'node:worker_threads'
import { toErrorData } from '../../shared/errors.ts'
import { guarded, openForReading, type ReadDb } from './database.ts'
import type { ReadReply, ReadRequest } from './reader.ts'
import { reads } from './reads.ts'

const { path } = workerData as { path: string }
const port = parentPort
if (!port) throw new Error('This file is the entry of a worker thread.')
let db: ReadDb | undefined

port.on('message', ({ id, name, args }: ReadRequest) => {
  let reply: ReadReply
  try {
    const connection = (db ??= openForReading(path))
    const read = reads[name] as (db: ReadDb, ...args: readonly unknown[]) => unknown
    reply = { id, result: guarded(path, () => read(connection, ...args)) }
  } catch (error) {
    reply = { id, error: toErrorData(error) }
  }
  port.postMessage(reply)
})
