// One peer of a service: parses its frames, runs its calls within limits, and ends everything it began when it goes.
import type { CallContext, Contract, Handlers, Procedure, Stream } from '../contract/define.ts'
import { issueText } from '../config.ts'
import { cancelled, type ErrorData, expected, toErrorData } from '../errors.ts'
import { parseFrame } from './codec.ts'
import { type Frame, limits, PROTOCOL_VERSION } from './frames.ts'
import { checkHello } from './handshake.ts'
import type { Port } from './port.ts'
import { Subscription } from './subscription.ts'

export interface ServiceOptions {
  /** Name and version of this side, for the handshake's error text. */
  readonly app: string
  /** Told of every error that is a bug, for the log. */
  readonly onBug?: (error: ErrorData, where: string) => void
}

/** What a connection calls, and by whose rules. */
export interface Served {
  readonly contract: Contract
  readonly handlers: Handlers<Contract>
  readonly options: ServiceOptions
  /** Runs it when all commands before it, whoever sent them, are done. */
  serialise<T>(work: () => Promise<T>): Promise<T>
}

type CallFrame = Extract<Frame, { t: 'call' }>
type SubFrame = Extract<Frame, { t: 'sub' }>
type AnyHandler = (input: unknown, second: unknown, third?: unknown) => unknown

/** Calls of one type: some run, the others wait their turn. */
interface Lane {
  readonly most: number
  running: number
  readonly waiting: CallFrame[]
}

export class Connection {
  readonly #service: Served
  readonly #port: Port
  readonly #onGone: () => void
  readonly #calls = new Map<number, AbortController>()
  readonly #subscriptions = new Map<number, Subscription>()
  /** Apart, so that commands waiting for each other never hold up a query. */
  readonly #queries: Lane = { most: limits.running, running: 0, waiting: [] }
  readonly #commands: Lane = { most: 1, running: 0, waiting: [] }
  #greeted = false
  #gone = false

  constructor(service: Served, port: Port, onGone: () => void) {
    this.#service = service
    this.#port = port
    this.#onGone = onGone
    // said first: listening may deliver, and refuse, what came before
    port.send({ t: 'hello', protocol: PROTOCOL_VERSION, app: service.options.app })
    port.listen({ onFrame: (raw) => this.#receive(raw), onClose: () => this.#leave() })
  }

  /** Says why and closes the port. */
  part(reason: ErrorData): void {
    if (this.#gone) return
    this.#port.send({ t: 'bye', error: reason })
    this.#port.close()
    this.#leave()
  }

  #receive(raw: unknown): void {
    if (this.#gone) return
    try {
      this.#take(parseFrame(raw))
    } catch (error) {
      this.part(toErrorData(error))
    }
  }

  #take(frame: Frame): void {
    if (!this.#greeted) {
      checkHello(frame, this.#service.options.app)
      this.#greeted = true
      return
    }
    switch (frame.t) {
      case 'call':
        return this.#queue(frame)
      case 'sub':
        return this.#subscribe(frame)
      case 'ack':
        return this.#subscriptions.get(frame.id)?.acknowledge(frame.seq)
      case 'cancel':
        return this.#cancel(frame.id)
      case 'bye':
        this.#port.close()
        return this.#leave()
      default:
        throw expected('wire/malformed', `A "${frame.t}" frame has no place here.`)
    }
  }

  #cancel(id: number): void {
    for (const { waiting } of [this.#queries, this.#commands]) {
      const place = waiting.findIndex((call) => call.id === id)
      if (place >= 0) waiting.splice(place, 1)
    }
    this.#calls.get(id)?.abort(cancelled())
    this.#subscriptions.get(id)?.abort()
    this.#subscriptions.delete(id)
  }

  #queue(frame: CallFrame): void {
    this.#refuseReuse(frame.id)
    const isCommand = this.#find(frame.method)?.type === 'command'
    const lane = isCommand ? this.#commands : this.#queries
    if (lane.running < lane.most) return void this.#run(frame, lane)
    if (lane.waiting.length >= limits.waiting) {
      return this.#port.send({
        t: 'err',
        id: frame.id,
        error: toErrorData(expected('wire/busy', 'Too many requests are waiting.', 'Try again in a moment.')),
      })
    }
    lane.waiting.push(frame)
  }

  async #run(frame: CallFrame, lane: Lane): Promise<void> {
    const abort = new AbortController()
    this.#calls.set(frame.id, abort)
    lane.running++
    try {
      const output = await this.#answer(frame, { signal: abort.signal })
      this.#port.send({ t: 'ok', id: frame.id, output })
    } catch (error) {
      this.#port.send({ t: 'err', id: frame.id, error: this.#report(error, frame.method) })
    } finally {
      this.#calls.delete(frame.id)
      lane.running--
      const next = lane.waiting.shift()
      if (next && !this.#gone) void this.#run(next, lane)
    }
  }

  async #answer(frame: CallFrame, context: CallContext): Promise<unknown> {
    const procedure = this.#procedure(frame.method)
    if (procedure.type === 'stream') throw unknownMethod(frame.method)
    const input = parseInput(procedure, frame.method, frame.input)
    const handler = this.#service.handlers[frame.method] as AnyHandler
    const work = async () => {
      context.signal.throwIfAborted()
      return procedure.output.parse(await handler(input, context))
    }
    return procedure.type === 'command' ? this.#service.serialise(work) : work()
  }

  #subscribe(frame: SubFrame): void {
    this.#refuseReuse(frame.id)
    try {
      const procedure = this.#procedure(frame.stream)
      if (procedure.type !== 'stream') throw unknownMethod(frame.stream)
      if (this.#subscriptions.size >= limits.subscriptions) {
        throw expected('wire/busy', 'Too many subscriptions are open.', 'Close some windows.')
      }
      this.#open(frame, procedure)
    } catch (error) {
      this.#port.send({ t: 'end', id: frame.id, error: this.#report(error, frame.stream) })
    }
  }

  #open(frame: SubFrame, procedure: Stream): void {
    const input = parseInput(procedure, frame.stream, frame.input)
    const subscription = new Subscription(frame.id, procedure, this.#port, {
      onEnd: () => this.#subscriptions.delete(frame.id),
      toErrorData: (error) => this.#report(error, frame.stream),
    })
    this.#subscriptions.set(frame.id, subscription)
    const handler = this.#service.handlers[frame.stream] as AnyHandler
    const run = async () => {
      await handler(input, subscription, { signal: subscription.signal })
    }
    run().catch((error: unknown) => subscription.end(error))
  }

  #find(name: string): Procedure | undefined {
    return Object.hasOwn(this.#service.contract, name) ? this.#service.contract[name] : undefined
  }

  #procedure(name: string): Procedure {
    const procedure = this.#find(name)
    if (!procedure) throw unknownMethod(name)
    return procedure
  }

  #refuseReuse(id: number): void {
    const waits = [this.#queries, this.#commands].some((lane) => lane.waiting.some((call) => call.id === id))
    if (waits || this.#calls.has(id) || this.#subscriptions.has(id))
      throw expected('wire/malformed', `The number ${id} is already in use by another request.`)
  }

  #report(error: unknown, where: string): ErrorData {
    const data = toErrorData(error)
    if (data.kind === 'bug') this.#service.options.onBug?.(data, where)
    return data
  }

  #leave(): void {
    if (this.#gone) return
    this.#gone = true
    this.#queries.waiting.length = 0
    this.#commands.waiting.length = 0
    for (const abort of this.#calls.values()) abort.abort(cancelled('The other side went away.'))
    for (const subscription of this.#subscriptions.values()) subscription.abort()
    this.#subscriptions.clear()
    this.#onGone()
  }
}

function parseInput(procedure: Procedure, name: string, input: unknown): unknown {
  const parsed = procedure.input.safeParse(input)
  if (!parsed.success) {
    throw expected('wire/input', `${name}: ${issueText(parsed.error)}.`, 'Correct the value and try again.')
  }
  return parsed.data
}

function unknownMethod(name: string) {
  return expected(
    'wire/unknown',
    `This version of Monoscope knows no "${name}".`,
    'Reload the page, or update whichever side is older.',
  )
}
