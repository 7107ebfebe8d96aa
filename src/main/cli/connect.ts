// How a command reaches a host: the one that is running on the workspace, or one of its own for as long as it takes.
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { contract, type AppContract } from '../../shared/contract/index.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { Client } from '../../shared/wire/client.ts'
import { loopback } from '../../shared/wire/loopback.ts'
import { SocketPort } from '../../shared/wire/socket-port.ts'
import { forkCompute } from '../host/fork.ts'
import { WIRE_PROTOCOL } from '../host/gate.ts'
import { openHost } from '../host/host.ts'
import { type Holder, readHolder } from '../store/lock.ts'
import { version } from '../store/version.ts'

export interface Connection {
  readonly client: Client<AppContract>
  /** True when another process is the host; its jobs go on after this command. */
  readonly attached: boolean
  /**
   * Lets other commands use the host that this one has, for which they otherwise wait: for commands that take long. Such
   * a host closes when they are done as well.
   */
  admit(): Promise<void>
  close(): Promise<void>
}

/** Milliseconds a host that is opening or ending, or that admits nobody, is waited for; and between two looks. */
const PATIENCE = 15_000
const PAUSE = 100
/** Milliseconds a host has to answer: one that is stopped or stuck accepts connections and then says nothing. */
const ANSWER = 5_000

/** Errors of a host that ends, or of one that was faster, right now. */
const passing: readonly string[] = ['workspace/held', 'workspace/unreachable', 'host/closing']

/** `say` is told why closing takes long. */
export async function connect(workspace: string, say: (text: string) => void): Promise<Connection> {
  const deadline = performance.now() + PATIENCE
  for (;;) {
    const late = performance.now() > deadline
    try {
      const holder = await readHolder(workspace)
      if (holder?.url) return await attach(holder)
      if (!holder || late) return await becomeHost(workspace, say)
    } catch (error) {
      if (late || !(error instanceof MonoscopeError && passing.includes(error.code))) throw error
    }
    await sleep(PAUSE)
  }
}

async function attach({ url, token, pid, kind }: Holder): Promise<Connection> {
  const address = `${(url ?? '').replace(/^http/, 'ws')}/wire`
  const socket = new WebSocket(address, [WIRE_PROTOCOL, `token.${token}`], { handshakeTimeout: ANSWER })
  const port = new SocketPort(socket)
  await new Promise((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', (error) =>
      reject(
        expected(
          'workspace/unreachable',
          `The Monoscope that holds this workspace (${kind}, process ${pid}) does not answer.`,
          'Close it, then try again.',
          error,
        ),
      ),
    )
  })
  const client = new Client(contract, port, { app: `Monoscope ${version} command line` })
  await client.opened
  return {
    ...{ client, attached: true },
    admit: () => Promise.resolve(),
    close: () => Promise.resolve(client.close()),
  }
}

async function becomeHost(workspace: string, say: (text: string) => void): Promise<Connection> {
  const host = await openHost({ workspace, kind: 'cli', version, launch: forkCompute(), announced: false })
  const [near, far] = loopback()
  host.service.connect(far)
  const client = new Client(contract, near, { app: `Monoscope ${version} command line` })
  await client.opened
  return {
    ...{ client, attached: false },
    admit: () => host.announce(),
    close: async () => {
      client.close()
      const told = 'Other commands use the workspace through this one, which ends with them.'
      const telling = setTimeout(say, PAUSE, told)
      await host.service.alone()
      clearTimeout(telling)
      await host.close()
    },
  }
}
