// The answering side of the wire: runs handlers for any number of connected ports.
import type { Contract, Handlers } from '../contract/define.ts'
import type { ErrorData } from '../errors.ts'
import { Connection, type Served, type ServiceOptions } from './connection.ts'
import { Turns } from '../turns.ts'
import type { Port } from './port.ts'

export class Service<C extends Contract> implements Served {
  readonly contract: C
  readonly handlers: Handlers<C>
  readonly options: ServiceOptions
  readonly #connections = new Set<Connection>()
  readonly #commands = new Turns()
  /** Called when nobody is connected any more. */
  readonly #whenAlone: (() => void)[] = []

  constructor(contract: C, handlers: Handlers<C>, options: ServiceOptions) {
    this.contract = contract
    this.handlers = handlers
    this.options = options
  }

  /** Serves this port until either side closes it. */
  connect(port: Port): void {
    const connection = new Connection(this, port, () => {
      this.#connections.delete(connection)
      if (this.#connections.size === 0) for (const tell of this.#whenAlone.splice(0)) tell()
    })
    this.#connections.add(connection)
  }

  /** How many peers are connected. */
  get size(): number {
    return this.#connections.size
  }

  /** Resolves once nobody is connected. */
  async alone(): Promise<void> {
    if (this.#connections.size > 0) await new Promise<void>((resolve) => this.#whenAlone.push(resolve))
  }

  /** Runs commands one after the other, whoever sent them; a failed one does not stop the next. */
  serialise<T>(work: () => Promise<T>): Promise<T> {
    return this.#commands.next(work)
  }

  /** Tells every peer why and closes its port. */
  close(reason: ErrorData): void {
    for (const connection of this.#connections) connection.part(reason)
  }
}
