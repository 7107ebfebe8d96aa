// The asking side of the wire over one port: typed calls and subscriptions derived from the contract.
import type {
  CallName,
  Contract,
  DeltaOf,
  InputOf,
  OutputOf,
  StateOf,
  Stream,
  StreamName,
} from '../contract/define.ts'
import { cancelled, type ErrorData, expected, fromErrorData, toErrorData } from '../errors.ts'
import { parseFrame } from './codec.ts'
import { type Frame, PROTOCOL_VERSION } from './frames.ts'
import { checkHello } from './handshake.ts'
import type { Port } from './port.ts'

export interface CallOptions {
  /** Aborting it rejects at once and cancels the work on the other side. */
  readonly signal?: AbortSignal | undefined
}

/** What a subscriber is told. */
export interface StreamListener<S, D> {
  /** The state after a change; `change` is undefined for a snapshot. */
  state(state: S, change?: D): void
  /** Nothing more will come; not called after unsubscribing. */
  end?(error?: ErrorData): void
}

/** What pages, the command line and hosts call; implemented by `Client` (one port) and `Link` (reconnecting). */
export interface Caller<C extends Contract> {
  /** Rejects with a `MonoscopeError`. */
  call<N extends CallName<C>>(name: N, input: InputOf<C[N]>, options?: CallOptions): Promise<OutputOf<C[N]>>
  /** Returns the function that unsubscribes. */
  subscribe<N extends StreamName<C>>(
    name: N,
    input: InputOf<C[N]>,
    listener: StreamListener<StateOf<C[N]>, DeltaOf<C[N]>>,
  ): () => void
}

interface Pending {
  resolve(output: unknown): void
  reject(error: unknown): void
}

interface Subscribed {
  readonly stream: Stream
  readonly listener: StreamListener<unknown, unknown>
  seq: number
  state: unknown
}

export class Client<C extends Contract> implements Caller<C> {
  readonly #contract: C
  readonly #port: Port
  readonly #app: string
  readonly #calls = new Map<number, Pending>()
  readonly #subscriptions = new Map<number, Subscribed>()
  readonly #opened = Promise.withResolvers<void>()
  readonly #closed = Promise.withResolvers<ErrorData>()
  #nextId = 1
  #greeted = false
  #closing: ErrorData | undefined

  constructor(contract: C, port: Port, options: { readonly app: string }) {
    this.#contract = contract
    this.#port = port
    this.#app = options.app
    this.#opened.promise.catch(() => undefined)
    port.send({ t: 'hello', protocol: PROTOCOL_VERSION, app: options.app })
    port.listen({ onFrame: (raw) => this.#receive(raw), onClose: (reason) => this.#leave(reason ?? gone()) })
  }

  /** Resolves when the other side has introduced itself; rejects when the port closes before. */
  get opened(): Promise<void> {
    return this.#opened.promise
  }

  /** Resolves with the reason when the connection is over. */
  get closed(): Promise<ErrorData> {
    return this.#closed.promise
  }

  /** True once the connection is over: whatever ends from then on ends because of it. */
  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  call<N extends CallName<C>>(
    name: N,
    input: InputOf<C[N]>,
    options: CallOptions = {},
  ): Promise<OutputOf<C[N]>> {
    const { signal } = options
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(cancelled())
      if (this.#closing) return reject(fromErrorData(this.#closing))
      const id = this.#nextId++
      const onAbort = () => {
        this.#calls.delete(id)
        this.#port.send({ t: 'cancel', id })
        reject(cancelled())
      }
      const settle = () => signal?.removeEventListener('abort', onAbort)
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#calls.set(id, {
        resolve: (output) => (settle(), resolve(output)),
        reject: (error: unknown) => (settle(), reject(error)),
      })
      try {
        this.#port.send({ t: 'call', id, method: name, input })
      } catch (error) {
        // the input is nothing a port can carry
        this.#settle(id)?.reject(fromErrorData(toErrorData(error)))
      }
    }) as Promise<OutputOf<C[N]>>
  }

  subscribe<N extends StreamName<C>>(
    name: N,
    input: InputOf<C[N]>,
    listener: StreamListener<StateOf<C[N]>, DeltaOf<C[N]>>,
  ): () => void {
    if (this.#closing) {
      const reason = this.#closing
      queueMicrotask(() => listener.end?.(reason))
      return () => undefined
    }
    const id = this.#nextId++
    this.#subscriptions.set(id, {
      stream: this.#contract[name] as unknown as Stream,
      listener: listener,
      seq: 0,
      state: undefined,
    })
    this.#port.send({ t: 'sub', id, stream: name, input })
    return () => {
      if (this.#subscriptions.delete(id)) this.#port.send({ t: 'cancel', id })
    }
  }

  /** Closes the port; everything under way is rejected as closed. */
  close(): void {
    this.#port.close()
    this.#leave(gone())
  }

  #receive(raw: unknown): void {
    if (this.#closing) return
    try {
      this.#take(parseFrame(raw))
    } catch (error) {
      const reason = toErrorData(error)
      this.#port.send({ t: 'bye', error: reason })
      this.#leave(reason)
      this.#port.close()
    }
  }

  #take(frame: Frame): void {
    if (frame.t === 'bye') {
      // the reason first: closing the port tells of an end without one
      this.#leave(frame.error)
      return this.#port.close()
    }
    if (!this.#greeted) {
      checkHello(frame, this.#app)
      this.#greeted = true
      return this.#opened.resolve()
    }
    switch (frame.t) {
      case 'ok':
        return this.#settle(frame.id)?.resolve(frame.output)
      case 'err':
        return this.#settle(frame.id)?.reject(fromErrorData(frame.error))
      case 'event':
        return this.#event(frame)
      case 'end': {
        const subscribed = this.#subscriptions.get(frame.id)
        this.#subscriptions.delete(frame.id)
        return subscribed?.listener.end?.(frame.error)
      }
      default:
        throw expected('wire/malformed', `A "${frame.t}" frame has no place here.`)
    }
  }

  /** The call that `id` numbers, taken out; undefined when it was cancelled. */
  #settle(id: number): Pending | undefined {
    const pending = this.#calls.get(id)
    this.#calls.delete(id)
    return pending
  }

  #event(frame: Extract<Frame, { t: 'event' }>): void {
    const subscribed = this.#subscriptions.get(frame.id)
    if (!subscribed) return
    if (frame.seq !== subscribed.seq + 1 || (frame.kind === 'snapshot') !== (frame.seq === 1))
      throw expected(
        'wire/malformed',
        `Event ${frame.seq} (${frame.kind}) came after event ${subscribed.seq}.`,
      )
    subscribed.seq = frame.seq
    const first = frame.kind === 'snapshot'
    subscribed.state = first ? frame.data : subscribed.stream.apply(subscribed.state, frame.data)
    try {
      subscribed.listener.state(subscribed.state, first ? undefined : frame.data)
    } catch (error) {
      // the listener's own bug ends what it listened to, and nothing else
      this.#subscriptions.delete(frame.id)
      this.#port.send({ t: 'cancel', id: frame.id })
      return subscribed.listener.end?.(toErrorData(error))
    }
    this.#port.send({ t: 'ack', id: frame.id, seq: frame.seq })
  }

  #leave(reason: ErrorData): void {
    if (this.#closing) return
    this.#closing = reason
    this.#opened.reject(fromErrorData(reason))
    for (const pending of this.#calls.values()) pending.reject(fromErrorData(reason))
    this.#calls.clear()
    const subscriptions = [...this.#subscriptions.values()]
    this.#subscriptions.clear()
    for (const { listener } of subscriptions) listener.end?.(reason)
    this.#closed.resolve(reason)
  }
}

function gone(): ErrorData {
  return toErrorData(
    expected('wire/closed', 'The connection to Monoscope is closed.', 'It reconnects by itself.'),
  )
}
