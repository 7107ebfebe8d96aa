// Where a host answers on this machine: the page's files, the wire as a WebSocket, and nothing without the token.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { AppContract } from '../../shared/contract/index.ts'
import { expected } from '../../shared/errors.ts'
import { limits, PROTOCOL_VERSION } from '../../shared/wire/frames.ts'
import type { Service } from '../../shared/wire/service.ts'
import { SocketPort } from '../../shared/wire/socket-port.ts'
import { Assets } from './assets.ts'

export interface EndpointOptions {
  /** 0, the default, takes a free port. */
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

/** Subprotocol of the wire; the token travels as a second one, because a page cannot set headers. */
export const WIRE_PROTOCOL = 'monoscope.1'
const TOKEN_PREFIX = 'token.'
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1'])
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
): Promise<Endpoint> {
  const { host = '127.0.0.1', port = 0, allowRemote = false } = options
  if (!LOOPBACK.has(host) && !allowRemote) {
    throw expected(
      'serve/remote',
      `Listening on ${host} would let other machines reach Monoscope.`,
      'Use an SSH tunnel to this machine instead, or add --allow-remote if you mean it.',
    )
  }
  const token = randomBytes(32).toString('base64url')
  const assets = options.assets === undefined ? undefined : new Assets(options.assets)
  const gate = new Gate(token, allowRemote)
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
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405)
    if (pathOf(request) === '/session') {
      const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
      if (bearer === undefined || !gate.isToken(bearer)) return refuse(response, 401)
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      return void response.end(JSON.stringify({ version, protocol: PROTOCOL_VERSION }))
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

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        expected(
          'serve/port',
          `Port ${port} on ${host} cannot be used (${error.code ?? error.message}).`,
          'Choose another with --port, or leave it out to take a free one; --host takes an address of this machine.',
          error,
        ),
      )
    })
    server.listen(port, host, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  gate.setPort(bound)
  return {
    url: `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${bound}`,
    token,
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
    },
  }
}

/** Who may come in: asked by the right name, from our own page or no page at all, with the token. */
class Gate {
  readonly #token: Buffer
  readonly #anyHost: boolean
  #port = 0

  constructor(token: string, anyHost: boolean) {
    this.#token = Buffer.from(token)
    this.#anyHost = anyHost
  }

  setPort(port: number): void {
    this.#port = port
  }

  /** The Host header names this endpoint: a page elsewhere whose name was pointed here does not pass. */
  isOwnHost(request: IncomingMessage): boolean {
    const { host = '' } = request.headers
    if (this.#anyHost) return host !== ''
    return [...LOOPBACK].some((name) => host === `${name.includes(':') ? `[${name}]` : name}:${this.#port}`)
  }

  isToken(candidate: string): boolean {
    const given = Buffer.from(candidate)
    return given.length === this.#token.length && timingSafeEqual(given, this.#token)
  }

  /** The status a request for the wire is refused with, or null when it may come in. */
  refusal(request: IncomingMessage): number | null {
    const { host = '', origin } = request.headers
    if (!this.isOwnHost(request)) return 403
    // programs send no Origin; browsers always do
    if (origin !== undefined && origin !== `http://${host}`) return 403
    if (pathOf(request) !== '/wire') return 404
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim())
    if (!offered.includes(WIRE_PROTOCOL)) return 400
    const token = offered.find((part) => part.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length)
    return token !== undefined && this.isToken(token) ? null : 401
  }
}

/** What was asked for, without its query; taken as it came, because what strangers send need not be a URL. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split(/[?#]/)[0] ?? ''
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
