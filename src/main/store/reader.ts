// Runs long reads in a thread, so that the host answers everything else meanwhile.
import { Worker } from 'node:worker_threads'
import { cancelled, type ErrorData, fromErrorData } from '../../shared/errors.ts'
import { entryUrl } from './entry.ts'
import type { ReadArguments, ReadResult, Reads, WorkspaceReads } from './reads.ts'

export interface ReadRequest {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

export type ReadReply =
  { readonly id: number; readonly result: unknown } | { readonly id: number; readonly error: ErrorData }

interface Pending {
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** `R` are the reads that the thread's entry serves. */
export class Reader<R extends Reads<never>> {
  readonly #path: string
  readonly #entry: string
  readonly #pending = new Map<number, Pending>()
  #worker: Worker | undefined
  #nextId = 1

  /** Reads the file at `path` in a thread that starts at `entry` (see `entryUrl`) with the first read. */
  constructor(path: string, entry: string) {
    this.#path = path
    this.#entry = entry
  }

  /** Rejects at once when `signal` aborts; the read itself then ends unheard. */
  read<N extends keyof R & string>(
    name: N,
    args: ReadArguments<R[N]>,
    signal?: AbortSignal,
  ): Promise<ReadResult<R[N]>> {
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled())
      const id = this.#nextId++
      const onAbort = () => {
        this.#pending.delete(id)
        reject(cancelled())
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      const settle = () => signal?.removeEventListener('abort', onAbort)
      this.#pending.set(id, {
        resolve: (result) => (settle(), resolve(result)),
        reject: (error: unknown) => (settle(), reject(error)),
      })
      this.#thread().postMessage({ id, name, args } satisfies ReadRequest)
    }) as Promise<ReadResult<R[N]>>
  }

  async close(): Promise<void> {
    const worker = this.#worker
    this.#worker = undefined
    this.#rejectAll(cancelled('What was read is closed.'))
    await worker?.terminate()
  }

  #thread(): Worker {
    if (this.#worker) return this.#worker
    const worker = new Worker(entryUrl(this.#entry, import.meta.url), {
      workerData: { path: this.#path },
    })
    worker.unref()
    worker.on('message', (reply: ReadReply) => {
      const pending = this.#pending.get(reply.id)
      this.#pending.delete(reply.id)
      if ('error' in reply) pending?.reject(fromErrorData(reply.error))
      else pending?.resolve(reply.result)
    })
    worker.on('error', (error) => this.#lose(worker, error))
    worker.on('exit', () => this.#lose(worker, new Error('The reader thread ended.')))
    this.#worker = worker
    return worker
  }

  /** Rejects what `worker` was asked, unless a later thread has taken over; the next read starts a new one. */
  #lose(worker: Worker, error: unknown): void {
    if (this.#worker !== worker) return
    this.#worker = undefined
    this.#rejectAll(error)
  }

  #rejectAll(error: unknown): void {
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of pending) reject(error)
  }
}

/** Reads the workspace's database at `path`. */
export function workspaceReader(path: string): Reader<WorkspaceReads> {
  return new Reader(path, 'store/reader-worker')
}
