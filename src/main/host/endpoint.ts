// Where a host answers on this machine: the page's files, the wire as a WebSocket, completions for other programs; nothing without the token.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AppContract } from '../../shared/contract/index.ts'
import { expected } from '../../shared/errors.ts'
import { limits, PROTOCOL_VERSION } from '../../shared/wire/frames.ts'
import type { Service } from '../../shared/wire/service.ts'
import { SocketPort } from '../../shared/wire/socket-port.ts'
import { Assets } from './assets.ts'
import { answerApi, type ApiParts, isApiPath } from './openai/api.ts'
import { Gate, LOOPBACK, pathOf, WIRE_PROTOCOL } from './gate.ts'
import type { Tabs } from './tabs.ts'

export interface EndpointOptions {
  /** 0 takes a free port; by default the one of the last time, if it is still free. */
  readonly port?: number
  /** Address to listen on; anything but this machine itself needs `allowRemote`. */
  readonly host?: string
  readonly allowRemote?: boolean
  /** Folder of the built page; without it only the wire is served. */
  readonly assets?: string
  /** Bytes of the largest frame taken from a peer. */
  readonly frameBytes?: number
  /** Milliseconds between pings; a peer that has not answered one by the next is gone. */
  readonly pingEvery?: number
}

export interface Endpoint {
  readonly url: string
  readonly token: string
  close(): Promise<void>
}

const MOST_PEERS = 64
/** TCP connections, of which a page has several before it has its wire. */
const MOST_CONNECTIONS = 512
const PING = 30_000
/** Milliseconds peers get, when the endpoint closes, to take what was last said to them. */
const PARTING = 500

/** Throws `serve/remote` for an address others can reach, `serve/port` when it cannot listen there. */
export async function openEndpoint(
  service: Service<AppContract>,
  version: string,
  options: EndpointOptions = {},
  tabs?: Tabs,
  api?: ApiParts,
): Promise<Endpoint> {
  const { host = '127.0.0.1', allowRemote = false } = options
  if (!LOOPBACK.has(host) && !allowRemote) {
    throw expected(
      'serve/remote',
      `Listening on ${host} would let other machines reach Monoscope.`,
      'Use an SSH tunnel to this machine instead, or add --allow-remote if you mean it.',
    )
  }
  const assets = options.assets === undefined ? undefined : new Assets(options.assets)
  const gate = new Gate(allowRemote, tabs)
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.maxConnections = MOST_CONNECTIONS
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.frameBytes ?? limits.frameBytes,
    handleProtocols: () => WIRE_PROTOCOL,
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!gate.isOwnHost(request)) return refuse(response, 403)
    if (api && isApiPath(pathOf(request))) {
      if (!gate.isOwnOrigin(request)) return refuse(response, 403)
      return answerApi(api, request, response, gate.hasToken(request))
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    if (pathOf(request) === '/session') {
      const entry = await gate.enter(request)
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' }
      response.writeHead(entry.token === null ? 401 : 200, headers)
      const about = entry.token === null ? {} : { version, protocol: PROTOCOL_VERSION }
      return void response.end(JSON.stringify({ ...about, ...entry }))
    }
    if (!assets) return refuse(response, 404)
    await assets.send(request.url ?? '/', request.method, response)
  }

  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // nobody else listens while it is refused, and a reset then would end the process
    socket.on('error', () => socket.destroy())
    const status = gate.refusal(request) ?? (sockets.clients.size >= MOST_PEERS ? 503 : null)
    if (status !== null) return void socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n\r\n`)
    sockets.handleUpgrade(request, socket, head, (peer) => {
      keepAlive(peer, options.pingEvery ?? PING)
      service.connect(new SocketPort(peer))
    })
  })

  const bound = await listen(server, host, options.port, tabs?.port)
  await tabs?.listenAt(bound)
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return {
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`,
    token: gate.token,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeIdleConnections()
      for (const peer of sockets.clients) peer.close(1001)
      const late = setTimeout(() => {
        for (const peer of sockets.clients) peer.terminate()
        server.closeAllConnections()
      }, PARTING)
      await closed
      clearTimeout(late)
      await tabs?.close()
    },
  }
}

/** Listens at `port`, else at the `last` one while it is free, else at any; resolves with which. Throws `serve/port`. */
async function listen(server: Server, host: string, port?: number, last?: number): Promise<number> {
  const attempt = (number: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(number, host, () => {
        server.off('error', reject)
        resolve()
      })
    })
  try {
    // a port that somebody else has by now is no reason not to start
    if (port !== undefined || last === undefined) await attempt(port ?? 0)
    else await attempt(last).catch(() => attempt(0))
  } catch (error) {
    throw expected(
      'serve/port',
      `Port ${port ?? 0} on ${host} cannot be used (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
      'Choose another with --port, or leave it out to take a free one; --host takes an address of this machine.',
      error,
    )
  }
  return (server.address() as AddressInfo).port
}

function keepAlive(peer: WebSocket, every: number): void {
  let alive = true
  peer.on('pong', () => (alive = true))
  const timer = setInterval(() => {
    if (!alive) return peer.terminate()
    alive = false
    peer.ping()
  }, every)
  timer.unref()
  peer.on('close', () => clearInterval(timer))
}

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-type': 'text/plain', 'cache-control': 'no-store' })
  response.end()
}
