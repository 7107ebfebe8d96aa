// How a page in a browser is let in: with the token of its link, and after a restart by the key of its tab.
import { z } from 'zod'
import { expected } from '../shared/errors.ts'
import { unreachable } from '../shared/wire/link.ts'
import { keepToken } from './token.ts'

const STORED = 'monoscope-tab'
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

const entrySchema = z.object({ token: z.string().nullish(), challenge: z.string().nullish() })

/** A tab's own key pair, kept for this tab alone. */
interface TabKey {
  /** The public half, as the host knows it. */
  readonly name: string
  /** base64url. */
  sign(text: string): Promise<string>
}

/** The token that opens the wire: `token`, or the one of a newer start that knows this tab. Throws `access/token`. */
export async function enter(token: string): Promise<string> {
  const key = await tabKey()
  const first = await ask(`Bearer ${token}`, key)
  if (first.status !== 401) return token
  const { challenge } = entrySchema.parse(await first.json())
  if (key && challenge) {
    const second = await ask(`Tab ${key.name}.${await key.sign(challenge)}`, key)
    const newer = second.ok ? entrySchema.parse(await second.json()).token : null
    if (newer) {
      keepToken(newer)
      return newer
    }
  }
  throw expected(
    'access/token',
    'This link is no longer valid: each start of Monoscope makes a new one.',
    'Open the address that the newest start printed, in this tab or another, or start Monoscope again.',
  )
}

async function ask(authorization: string, key: TabKey | null): Promise<Response> {
  const headers = { authorization, ...(key && { 'monoscope-tab': key.name }) }
  return fetch('/session', { headers }).catch(() => {
    throw unreachable()
  })
}

/** Null where the browser has no cryptography for us (a page from another machine without TLS) or keeps nothing. */
async function tabKey(): Promise<TabKey | null> {
  if (!window.isSecureContext) return null
  try {
    const jwk = JSON.parse(sessionStorage.getItem(STORED) ?? (await newKey())) as JsonWebKey
    const key = await crypto.subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign'])
    return {
      name: `${jwk.x}.${jwk.y}`,
      sign: async (text) => {
        const signature = await crypto.subtle.sign(ALGORITHM, key, new TextEncoder().encode(text))
        return base64url(new Uint8Array(signature))
      },
    }
  } catch {
    return null
  }
}

/** Makes and keeps a key; resolves with it as it is stored. */
async function newKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const stored = JSON.stringify(await crypto.subtle.exportKey('jwk', pair.privateKey))
  sessionStorage.setItem(STORED, stored)
  return stored
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}
