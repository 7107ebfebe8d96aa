// The page's one connection to the host: a message port in Electron, a WebSocket in a browser.
import { CONNECT_MESSAGE, type HostBridge, PORT_MESSAGE } from '../shared/bridge.ts'
import { contract, type AppContract } from '../shared/contract/index.ts'
import { expected } from '../shared/errors.ts'
import { Link, type LinkStatus } from '../shared/wire/link.ts'
import { MessagePortPort } from '../shared/wire/message-port.ts'
import type { Port } from '../shared/wire/port.ts'
import { SocketPort } from '../shared/wire/socket-port.ts'

const TOKEN_KEY = 'monoscope-token'

declare global {
  interface Window {
    readonly monoscope?: HostBridge
  }
}

export function connectToHost(onStatus: (status: LinkStatus) => void): Link<AppContract> {
  const token = window.monoscope ? '' : takeToken()
  return new Link(contract, {
    app: 'Monoscope page',
    open: () => (window.monoscope ? openMessagePort() : openSocket(token)),
    onStatus,
  })
}

const TOKEN_IN_ADDRESS = /#token=([\w-]+)/

// a new link pasted into an open page changes the fragment only
window.addEventListener('hashchange', (event) => {
  const token = TOKEN_IN_ADDRESS.exec(event.newURL)?.[1]
  if (token === undefined) return
  sessionStorage.setItem(TOKEN_KEY, token)
  window.location.replace(`${window.location.pathname}#/`)
  window.location.reload()
})

/** The token from the address, which then no longer shows it; a reload finds it in the session's storage. */
function takeToken(): string {
  const given = TOKEN_IN_ADDRESS.exec(window.location.hash)?.[1]
  if (given === undefined) return sessionStorage.getItem(TOKEN_KEY) ?? ''
  sessionStorage.setItem(TOKEN_KEY, given)
  window.history.replaceState(null, '', `${window.location.pathname}#/`)
  return given
}

function openMessagePort(): Promise<Port> {
  return new Promise((resolve) => {
    const onMessage = (event: MessageEvent) => {
      const [port] = event.ports
      if (event.source !== window || event.data !== PORT_MESSAGE || !port) return
      window.removeEventListener('message', onMessage)
      resolve(new MessagePortPort(port))
    }
    window.addEventListener('message', onMessage)
    window.postMessage(CONNECT_MESSAGE, window.location.origin)
  })
}

async function openSocket(token: string): Promise<Port> {
  await checkToken(token)
  const address = new URL('/wire', window.location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  const socket = new WebSocket(address, ['monoscope.1', `token.${token}`])
  const port = new SocketPort(socket)
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(port))
    socket.addEventListener('error', () => reject(unreachable()))
  })
}

/** A refused socket does not say why: this does. */
async function checkToken(token: string): Promise<void> {
  const answer = await fetch('/session', { headers: { authorization: `Bearer ${token}` } }).catch(() => {
    throw unreachable()
  })
  if (answer.status !== 401) return
  throw expected(
    'access/token',
    'This link does not open Monoscope (any more): each start makes a new one.',
    'Use the address that the newest start printed, or start Monoscope again.',
  )
}

function unreachable() {
  return expected(
    'wire/closed',
    'Monoscope does not answer.',
    'The page reconnects by itself once it runs again.',
  )
}
