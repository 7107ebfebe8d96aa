// Every kind of port, joined to a service of the test contract: the fixtures of the conformance tests.
import { fork } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket, WebSocketServer } from 'ws'
import { loopback } from '../../../src/shared/wire/loopback.ts'
import { MessagePortPort } from '../../../src/shared/wire/message-port.ts'
import type { Port } from '../../../src/shared/wire/port.ts'
import { Service } from '../../../src/shared/wire/service.ts'
import { SocketPort } from '../../../src/shared/wire/socket-port.ts'
import { ProcessPort } from '../../../src/main/wire/process-port.ts'
import { testContract, testHandlers } from './contract.ts'

export interface Joined {
  /** The caller's end. */
  readonly port: Port
  /** Sends something that need not be a frame. */
  sendRaw(raw: unknown): void
  /** Cuts the connection from the other side. */
  cut(): void
  dispose(): Promise<void> | void
}

const serve = (port: Port) => new Service(testContract, testHandlers(), { app: 'service' }).connect(port)

export const portKinds: Readonly<Record<string, () => Promise<Joined> | Joined>> = {
  loopback: () => {
    const [port, far] = loopback()
    serve(far)
    return {
      port,
      sendRaw: (raw) => (raw instanceof Uint8Array ? port.sendBytes(raw) : port.send(raw as never)),
      cut: () => far.close(),
      dispose: () => port.close(),
    }
  },
  'message port': () => {
    const { port1, port2 } = new MessageChannel()
    const far = new MessagePortPort(port2)
    serve(far)
    return {
      port: new MessagePortPort(port1),
      sendRaw: (raw) => port1.postMessage(raw),
      cut: () => far.close(),
      dispose: () => port1.close(),
    }
  },
  websocket: async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => serve(new SocketPort(socket)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
    const port = new SocketPort(socket)
    await new Promise((resolve) => socket.once('open', resolve))
    return {
      port,
      sendRaw: (raw) => socket.send(raw instanceof Uint8Array ? raw : JSON.stringify(raw)),
      cut: () => {
        for (const peer of sockets.clients) peer.terminate()
      },
      dispose: async () => {
        socket.terminate()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  },
  'child process': () => {
    const child = fork(fileURLToPath(new URL('child.ts', import.meta.url)), { serialization: 'advanced' })
    return {
      port: new ProcessPort(child),
      sendRaw: (raw) => child.send(raw as never),
      cut: () => child.kill('SIGKILL'),
      dispose: () => {
        child.kill('SIGKILL')
      },
    }
  },
}
