// Calls into a worker thread of our own, answered one after the other; errors cross with their code and hint.
import { setFlagsFromString } from 'node:v8'
import { parentPort, type Transferable, Worker } from 'node:worker_threads'
import { cancelled, type ErrorData, fromErrorData, toErrorData } from '../../shared/errors.ts'

/** What a thread answers to, by name; arguments and results are cloned, or moved where they are transferred. */
export type ThreadCalls = Readonly<Record<string, (...args: never[]) => unknown>>

interface Request {
  readonly id: number
  readonly name: string
  readonly args: readonly unknown[]
}

type Reply = { readonly id: number } & (
  { readonly result: unknown; readonly milliseconds: number } | { readonly error: ErrorData }
)

interface Pending {
  readonly name: string
  resolve(result: unknown): void
  reject(error: unknown): void
}

interface ThreadOptions {
  /** The thread has it as its `workerData`. */
  readonly data?: unknown
  /** It works for hours: V8 keeps less for it than it would. */
  readonly frugal?: boolean
  /** The process does not end before it has. */
  readonly keepsAlive?: boolean
}

/** MB of a thread's new objects: left to itself, V8 lets a thread that makes many keep ever more of what it no longer needs. */
const YOUNG = 8

/**
 * What lives longer is collected when there are 24 MB of it, and then whenever half as much again was added. V8 by itself
 * waits for hundreds of MB, and a thread that works for hours would come to have them.
 */
const frugalFlags = ['--initial-old-space-size=24', '--heap-growing-percent=50']

/** The asking side. */
export class Thread<Calls extends ThreadCalls> {
  readonly #worker: Worker
  readonly #pending = new Map<number, Pending>()
  readonly #busy: Record<string, number> = {}
  #nextId = 1
  #gone: unknown

  /** `entry` is a module that calls `answerCalls`. */
  constructor(entry: URL, { data, frugal = true, keepsAlive = true }: ThreadOptions = {}) {
    if (frugal) for (const flag of frugalFlags) setFlagsFromString(flag)
    this.#worker = new Worker(entry, {
      workerData: data,
      ...(frugal && { resourceLimits: { maxYoungGenerationSizeMb: YOUNG } }),
    })
    if (!keepsAlive) this.#worker.unref()
    this.#worker.on('message', (reply: Reply) => {
      const pending = this.#pending.get(reply.id)
      this.#pending.delete(reply.id)
      if ('error' in reply) return pending?.reject(fromErrorData(reply.error))
      if (pending) this.#busy[pending.name] = (this.#busy[pending.name] ?? 0) + reply.milliseconds
      pending?.resolve(reply.result)
    })
    this.#worker.on('error', (error) => this.#lose(error))
    this.#worker.on('exit', () => this.#lose(new Error('The thread has ended.')))
  }

  /** It was ended, or ended by itself, and answers nothing any more. */
  get isOver(): boolean {
    return this.#gone !== undefined
  }

  /** By name, the milliseconds that its calls took so far, waiting for their turn not counted. */
  get busy(): Readonly<Record<string, number>> {
    return this.#busy
  }

  /** Calls are answered in the order they were made. Rejects with the thread's error, or when it ends. */
  call<N extends keyof Calls & string>(
    name: N,
    args: Parameters<Calls[N]>,
    transfer: readonly Transferable[] = [],
  ): Promise<Awaited<ReturnType<Calls[N]>>> {
    return new Promise<unknown>((resolve, reject) => {
      if (this.#gone !== undefined) return reject(this.#gone)
      const id = this.#nextId++
      this.#pending.set(id, { name, resolve, reject })
      this.#worker.postMessage({ id, name, args } satisfies Request, [...transfer])
    }) as Promise<Awaited<ReturnType<Calls[N]>>>
  }

  /** Ends the thread, whatever it is doing. */
  async end(): Promise<void> {
    this.#lose(cancelled('The thread was ended.'))
    await this.#worker.terminate()
  }

  #lose(error: unknown): void {
    this.#gone ??= error
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
  }
}

const transfers = new WeakMap<object, readonly Transferable[]>()

/** A result whose buffers are moved to the asking side instead of copied. */
export function moved<R extends object>(result: R, buffers: readonly Transferable[]): R {
  transfers.set(result, buffers)
  return result
}

/** The answering side: called once, in the thread. */
export function answerCalls(calls: ThreadCalls): void {
  const port = parentPort
  if (!port) throw new Error('This module runs in a worker thread.')
  let last = Promise.resolve()
  port.on('message', ({ id, name, args }: Request) => {
    last = last.then(async () => {
      try {
        const call = calls[name]
        if (!call) throw new Error(`The thread has no call "${name}".`)
        const start = performance.now()
        const result: unknown = await call(...(args as never[]))
        const reply: Reply = { id, result, milliseconds: performance.now() - start }
        const buffers = typeof result === 'object' && result !== null ? transfers.get(result) : undefined
        port.postMessage(reply, [...(buffers ?? [])])
      } catch (error) {
        port.postMessage({ id, error: toErrorData(error) })
      }
    })
  })
}
