// A client that reconnects by itself: subscriptions continue with a fresh snapshot, calls wait for the connection.
import type {
  CallName,
  Contract,
  DeltaOf,
  InputOf,
  OutputOf,
  StateOf,
  StreamName,
} from '../contract/define.ts'
import { cancelled, type ErrorData, expected, fromErrorData, toErrorData } from '../errors.ts'
import { type Caller, type CallOptions, Client, type StreamListener } from './client.ts'
import type { Port } from './port.ts'

/** How the connection is, for the page's top bar. */
export type LinkStatus =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** Lost; the next try comes by itself. */
  | { readonly state: 'waiting'; readonly reason: ErrorData }
  /** Trying again would not help: another version, a wrong token. */
  | { readonly state: 'refused'; readonly reason: ErrorData }

export interface LinkOptions {
  readonly app: string
  /** Opens a new port; rejects when the host cannot be reached. */
  open(): Promise<Port>
  onStatus(status: LinkStatus): void
  /** First pause after a loss; it doubles up to `maxDelay`. Milliseconds. */
  readonly delay?: number
  readonly maxDelay?: number
  /** Milliseconds the other side has to greet. */
  readonly patience?: number
}

interface Lasting {
  readonly name: string
  readonly input: unknown
  readonly listener: StreamListener<unknown, unknown>
  stop: (() => void) | undefined
}

/** A tunnel whose other end is gone takes a connection and never says anything. */
const PATIENCE = 15_000

const FATAL = new Set(['wire/version', 'access/token'])

export class Link<C extends Contract> implements Caller<C> {
  readonly #contract: C
  readonly #options: LinkOptions
  readonly #lasting = new Set<Lasting>()
  readonly #waiters = new Set<{ resolve(client: Client<C>): void; reject(error: unknown): void }>()
  #client: Client<C> | undefined
  #refused: ErrorData | undefined
  // eslint-disable-next-line @typescript-eslint/no-redundant-type-constituents -- known on each platform, not here
  #timer: ReturnType<typeof setTimeout> | null = null
  #connecting = false
  #delay: number
  #ended = false

  constructor(contract: C, options: LinkOptions) {
    this.#contract = contract
    this.#options = options
    this.#delay = options.delay ?? 250
    void this.#connect()
  }

  /** Waits for the connection when it is down; a call that was under way when it broke rejects `wire/closed`. */
  async call<N extends CallName<C>>(
    name: N,
    input: InputOf<C[N]>,
    options: CallOptions = {},
  ): Promise<OutputOf<C[N]>> {
    const client = this.#client ?? (await this.#wait(options.signal))
    return client.call(name, input, options)
  }

  subscribe<N extends StreamName<C>>(
    name: N,
    input: InputOf<C[N]>,
    listener: StreamListener<StateOf<C[N]>, DeltaOf<C[N]>>,
  ): () => void {
    const lasting: Lasting = {
      name,
      input,
      listener: listener,
      stop: undefined,
    }
    this.#lasting.add(lasting)
    if (this.#client) this.#start(this.#client, lasting)
    return () => {
      this.#lasting.delete(lasting)
      lasting.stop?.()
    }
  }

  /** Tries at once instead of waiting for the next try; also after a refusal. */
  retry(): void {
    if (this.#client || this.#connecting || this.#ended) return
    this.#stopTimer()
    this.#refused = undefined
    void this.#connect()
  }

  close(): void {
    this.#ended = true
    this.#stopTimer()
    this.#client?.close()
    for (const waiter of this.#waiters) waiter.reject(cancelled())
    this.#waiters.clear()
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #connect(): Promise<void> {
    this.#connecting = true
    this.#options.onStatus({ state: 'connecting' })
    try {
      const client = await this.#open()
      this.#connecting = false
      if (this.#ended) return client.close()
      this.#use(client)
    } catch (error) {
      this.#connecting = false
      this.#lost(toErrorData(error))
    }
  }

  async #open(): Promise<Client<C>> {
    const late = Promise.withResolvers<never>()
    const timer = setTimeout(() => late.reject(unreachable()), this.#options.patience ?? PATIENCE)
    const port = this.#options.open()
    try {
      const client = new Client(this.#contract, await Promise.race([port, late.promise]), {
        app: this.#options.app,
      })
      await Promise.race([client.opened, late.promise])
      return client
    } catch (error) {
      // one that opens after all is nobody's
      port.then(
        (open) => open.close(),
        () => undefined,
      )
      throw error
    } finally {
      clearTimeout(timer)
    }
  }

  #use(client: Client<C>): void {
    this.#client = client
    this.#delay = this.#options.delay ?? 250
    void client.closed.then((reason) => {
      this.#client = undefined
      this.#lost(reason)
    })
    this.#options.onStatus({ state: 'open' })
    for (const lasting of this.#lasting) this.#start(client, lasting)
    for (const waiter of this.#waiters) waiter.resolve(client)
    this.#waiters.clear()
  }

  #lost(reason: ErrorData): void {
    if (this.#ended) return
    if (FATAL.has(reason.code)) {
      this.#refused = reason
      for (const waiter of this.#waiters) waiter.reject(fromErrorData(reason))
      this.#waiters.clear()
      return this.#options.onStatus({ state: 'refused', reason })
    }
    this.#options.onStatus({ state: 'waiting', reason })
    this.#timer = setTimeout(() => void this.#connect(), this.#delay)
    this.#delay = Math.min(this.#delay * 2, this.#options.maxDelay ?? 4_000)
  }

  #start(client: Client<C>, lasting: Lasting): void {
    const { listener } = lasting
    lasting.stop = client.subscribe(lasting.name as StreamName<C>, lasting.input as never, {
      state: (state, change) => listener.state(state, change),
      end: (error) => {
        lasting.stop = undefined
        // whatever ended the connection, what was subscribed goes on over the next one
        if (client.isClosed) return
        if (error?.code === 'wire/slow') return this.#start(client, lasting)
        this.#lasting.delete(lasting)
        listener.end?.(error)
      },
    })
  }

  #wait(signal: AbortSignal | undefined): Promise<Client<C>> {
    if (this.#refused) return Promise.reject(fromErrorData(this.#refused))
    if (this.#ended || signal?.aborted) return Promise.reject(cancelled())
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject }
      this.#waiters.add(waiter)
      signal?.addEventListener(
        'abort',
        () => {
          if (this.#waiters.delete(waiter)) reject(cancelled())
        },
        { once: true },
      )
    })
  }
}

export function unreachable() {
  return expected(
    'wire/closed',
    'Monoscope does not answer.',
    'The page reconnects by itself once it runs again.',
  )
}
