// The page's one connection to the host: a message port in Electron, a WebSocket in a browser.
import { CONNECT_MESSAGE, type HostBridge, PORT_MESSAGE } from '../shared/bridge.ts'
import { contract, type AppContract } from '../shared/contract/index.ts'
import { Link, type LinkStatus, unreachable } from '../shared/wire/link.ts'
import { MessagePortPort } from '../shared/wire/message-port.ts'
import type { Port } from '../shared/wire/port.ts'
import { SocketPort } from '../shared/wire/socket-port.ts'
import { enter } from './session.ts'
import { keptToken, takeToken } from './token.ts'

/** Milliseconds the shell has to hand over a port. */
const PORT_PATIENCE = 5_000

declare global {
  interface Window {
    readonly monoscope?: HostBridge
  }
}

export function connectToHost(onStatus: (status: LinkStatus) => void): Link<AppContract> {
  let token = takeToken() ?? keptToken()
  const link = new Link(contract, {
    app: 'Monoscope page',
    open: async () => {
      if (window.monoscope) return openMessagePort()
      for (;;) {
        const given = token
        try {
          const valid = await enter(given)
          if (token === given) return await openSocket((token = valid))
        } catch (error) {
          // a newer link that came meanwhile is tried instead
          if (token === given) throw error
        }
      }
    },
    onStatus,
  })
  // a newer link pasted into this tab changes the fragment only; seen here before the router takes it for a page
  window.addEventListener('popstate', () => {
    const given = takeToken()
    if (given === null) return
    token = given
    link.retry()
  })
  return link
}

function openMessagePort(): Promise<Port> {
  return new Promise((resolve, reject) => {
    const done = () => {
      window.removeEventListener('message', onMessage)
      clearTimeout(timer)
    }
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== PORT_MESSAGE || !port) return
      done()
      resolve(new MessagePortPort(port))
    }
    const timer = setTimeout(() => {
      done()
      reject(unreachable())
    }, PORT_PATIENCE)
    window.addEventListener('message', onMessage)
    window.postMessage(CONNECT_MESSAGE, window.location.origin)
  })
}

function openSocket(token: string): Promise<Port> {
  const address = new URL('/wire', window.location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const socket = new WebSocket(address, ['monoscope.1', `token.${token}`])
  const port = new SocketPort(socket)
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(port))
    socket.addEventListener('error', () => reject(unreachable()))
  })
}
