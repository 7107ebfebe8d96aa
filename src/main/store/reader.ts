// Runs long reads in a thread, so that the host answers everything else meanwhile.
import { cancelled } from '../../shared/errors.ts'
import { entryUrl } from './entry.ts'
import type { ReadArguments, ReadResult, Reads, WorkspaceReads } from './reads.ts'
import { Thread, type ThreadCalls } from './thread-calls.ts'

/** `R` are the reads that the thread's entry serves. */
export class Reader<R extends Reads<never>> {
  readonly #path: string
  readonly #entry: string
  #thread: Thread<ThreadCalls> | undefined

  /** Reads the file at `path` in a thread that starts at `entry` (see `entryUrl`) with the first read. */
  constructor(path: string, entry: string) {
    this.#path = path
    this.#entry = entry
  }

  /** Rejects at once when `signal` aborts; the read itself then ends unheard. */
  async read<N extends keyof R & string>(
    name: N,
    args: ReadArguments<R[N]>,
    signal?: AbortSignal,
  ): Promise<ReadResult<R[N]>> {
    if (signal?.aborted) throw cancelled()
    const answer = this.#started().call(name, args)
    return (await untilAborted(answer, signal)) as ReadResult<R[N]>
  }

  async close(): Promise<void> {
    const thread = this.#thread
    this.#thread = undefined
    await thread?.end()
  }

  /** The thread, or another one where that has died. */
  #started(): Thread<ThreadCalls> {
    if (!this.#thread || this.#thread.isOver) {
      this.#thread = new Thread(entryUrl(this.#entry, import.meta.url), {
        data: { path: this.#path },
        frugal: false,
        keepsAlive: false,
      })
    }
    return this.#thread
  }
}

function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return answer
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(cancelled())
    signal.addEventListener('abort', onAbort, { once: true })
    void answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Reads the workspace's database at `path`. */
export function workspaceReader(path: string): Reader<WorkspaceReads> {
  return new Reader(path, 'store/reader-worker')
}
