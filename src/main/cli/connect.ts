// How a command reaches a host: the one that is running on the workspace, or one of its own for as long as it takes.
import { WebSocket } from 'ws'
import { contract, type AppContract } from '../../shared/contract/index.ts'
import { expected } from '../../shared/errors.ts'
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
  close(): Promise<void>
}

const ATTACH_TRIES = 20
const ATTACH_PAUSE = 100
/** Milliseconds a host has to answer: one that is stopped or stuck accepts connections and then says nothing. */
const ANSWER = 5_000

export async function connect(workspace: string): Promise<Connection> {
  const holder = await readyHolder(workspace)
  return holder ? attach(holder) : becomeHost(workspace)
}

/** The running host once its endpoint is known; null when there is none. */
async function readyHolder(workspace: string): Promise<Holder | null> {
  for (let attempt = 0; attempt < ATTACH_TRIES; attempt++) {
    const holder = await readHolder(workspace)
    if (!holder || holder.url) return holder
    // it has only just started
    await new Promise((resolve) => setTimeout(resolve, ATTACH_PAUSE))
  }
  return null
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
  return { client, attached: true, close: () => Promise.resolve(client.close()) }
}

async function becomeHost(workspace: string): Promise<Connection> {
  const host = await openHost({ workspace, kind: 'cli', version, launch: forkCompute() })
  const [near, far] = loopback()
  host.service.connect(far)
  const client = new Client(contract, near, { app: `Monoscope ${version} command line` })
  await client.opened
  return { client, attached: false, close: () => host.close() }
}
