// The sending side of one stream: snapshot first, numbered events, and back-pressure that never loses state.
import type { Sink, Stream } from '../contract/define.ts'
import { cancelled, type ErrorData, expected } from '../errors.ts'
import { limits } from './frames.ts'
import type { Port } from './port.ts'

interface SubscriptionOptions {
  onEnd(): void
  toErrorData(error: unknown): ErrorData
}

interface Waiting {
  readonly kind: 'snapshot' | 'delta'
  data: unknown
}

export class Subscription implements Sink<unknown, unknown> {
  readonly #id: number
  readonly #stream: Stream
  readonly #port: Port
  readonly #options: SubscriptionOptions
  readonly #abort = new AbortController()
  readonly #waiting: Waiting[] = []
  readonly #window: number
  #sent = 0
  #acknowledged = 0
  #begun = false
  #ending: { error?: ErrorData } | undefined

  constructor(id: number, stream: Stream, port: Port, options: SubscriptionOptions) {
    this.#id = id
    this.#stream = stream
    this.#port = port
    this.#options = options
    this.#window = stream.merge ? limits.mergingWindow : limits.window
  }

  /** Aborted when the receiver unsubscribes or goes away. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  snapshot(state: unknown): void {
    if (this.#closed) return
    if (this.#begun) throw new Error('A stream sends one snapshot, first.')
    this.#begun = true
    this.#checked(() => this.#enqueue({ kind: 'snapshot', data: this.#stream.snapshot.parse(state) }))
  }

  delta(change: unknown): void {
    if (this.#closed) return
    if (!this.#begun) throw new Error('A stream sends its snapshot before any change.')
    this.#checked(() => {
      const data = this.#stream.delta.parse(change)
      const last = this.#waiting.at(-1)
      if (this.#stream.merge && last?.kind === 'delta') last.data = this.#stream.merge(last.data, data)
      else this.#enqueue({ kind: 'delta', data })
    })
  }

  end(error?: unknown): void {
    if (this.#closed) return
    this.#ending = error === undefined ? {} : { error: this.#options.toErrorData(error) }
    this.#flush()
  }

  /** The receiver has everything up to `seq`. */
  acknowledge(seq: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, Math.min(seq, this.#sent))
    this.#flush()
  }

  /** The receiver no longer listens: nothing more is sent. */
  abort(): void {
    this.#waiting.length = 0
    this.#ending ??= {}
    this.#abort.abort(cancelled('Nobody listens any more.'))
  }

  get #closed(): boolean {
    return this.#ending !== undefined
  }

  /** What does not fit the contract is a bug of the sender's, told to the receiver; it must not stop the sender. */
  #checked(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.end(error)
    }
  }

  #enqueue(event: Waiting): void {
    this.#waiting.push(event)
    this.#flush()
    if (this.#waiting.length <= limits.backlog) return
    this.#waiting.length = 0
    this.end(expected('wire/slow', 'The page could not keep up with the changes.', 'It subscribes again.'))
  }

  #flush(): void {
    if (this.signal.aborted) return
    while (this.#sent - this.#acknowledged < this.#window) {
      const event = this.#waiting.shift()
      if (!event) break
      this.#port.send({ t: 'event', id: this.#id, seq: ++this.#sent, ...event })
    }
    if (!this.#ending || this.#waiting.length > 0) return
    this.#port.send({ t: 'end', id: this.#id, ...this.#ending })
    this.#abort.abort(cancelled('The stream has ended.'))
    this.#options.onEnd()
  }
}
