// Who may come in: asked by this machine's own name, from our own page or no page at all, with the token.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Tabs } from './tabs.ts'

/** Subprotocol of the wire; the token travels as a second one, because a page cannot set headers. */
export const WIRE_PROTOCOL = 'monoscope.1'
const TOKEN_PREFIX = 'token.'
export const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '::1'])
/**
 * Host headers that can only mean this machine, at whatever port: an SSH tunnel may begin at another one. A name that
 * was pointed here from elsewhere (DNS rebinding) is never one of these.
 */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/
/** Header in which a tab that comes with the token gives its public key. */
const TAB_HEADER = 'monoscope-tab'

/** The token for who may come in; for others what a known tab may sign to be given it. */
export type Entry = { readonly token: string } | { readonly token: null; readonly challenge: string | null }

export class Gate {
  /** Another at each start. */
  readonly token = randomBytes(32).toString('base64url')
  readonly #anyHost: boolean
  readonly #tabs: Tabs | undefined

  constructor(anyHost: boolean, tabs: Tabs | undefined) {
    this.#anyHost = anyHost
    this.#tabs = tabs
  }

  /** The Host header names this machine: a page elsewhere whose name was pointed here does not pass. */
  isOwnHost(request: IncomingMessage): boolean {
    const { host = '' } = request.headers
    return this.#anyHost ? host !== '' : OWN_HOST.test(host)
  }

  /** Judges "Authorization: Bearer <token>", or "Tab <key>.<signature>" of a tab that an earlier start let in. */
  async enter(request: IncomingMessage): Promise<Entry> {
    const [, scheme, given = ''] = /^(Bearer|Tab) (.+)$/.exec(request.headers.authorization ?? '') ?? []
    if (scheme === 'Bearer' && this.#isToken(given)) {
      const key = request.headers[TAB_HEADER]
      if (typeof key === 'string') await this.#tabs?.letIn(key)
      return { token: this.token }
    }
    const key = scheme === 'Tab' ? this.#tabs?.proven(given) : undefined
    if (!key) return { token: null, challenge: this.#tabs?.challenge ?? null }
    await this.#tabs?.letIn(key)
    return { token: this.token }
  }

  /** From our own page or no page at all, programs sending no Origin; browsers send one with all that changes something. */
  isOwnOrigin({ headers }: IncomingMessage): boolean {
    return headers.origin === undefined || headers.origin === `http://${headers.host ?? ''}`
  }

  /** It brings "Authorization: Bearer <token>". */
  hasToken({ headers }: IncomingMessage): boolean {
    const [, given] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? []
    return given !== undefined && this.#isToken(given)
  }

  /** The status a request for the wire is refused with, or null when it may come in. */
  refusal(request: IncomingMessage): number | null {
    if (!this.isOwnHost(request) || !this.isOwnOrigin(request)) return 403
    if (pathOf(request) !== '/wire') return 404
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((part) => part.trim())
    if (!offered.includes(WIRE_PROTOCOL)) return 400
    const token = offered.find((part) => part.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length)
    return token !== undefined && this.#isToken(token) ? null : 401
  }

  #isToken(candidate: string): boolean {
    const given = Buffer.from(candidate)
    const own = Buffer.from(this.token)
    return given.length === own.length && timingSafeEqual(given, own)
  }
}

/** What was asked for, without its query; taken as it came, because what strangers send need not be a URL. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split(/[?#]/)[0] ?? ''
}
