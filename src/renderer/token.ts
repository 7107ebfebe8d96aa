// The token that opens the host: it comes once in the address, and is then kept for this tab alone.

/** The token in an address's fragment, or null. */
export function tokenOf(fragment: string): string | null {
  return /^#token=([\w-]+)$/.exec(fragment)?.[1] ?? null
}

const KEY = 'monoscope-token'

/** Takes a token out of the address, which then no longer shows it; null when there is none. */
export function takeToken(): string | null {
  const given = tokenOf(window.location.hash)
  if (given === null) return null
  keepToken(given)
  window.history.replaceState(null, '', `${window.location.pathname}#/`)
  return given
}

/** Keeps a token for later loads of this tab. */
export function keepToken(token: string): void {
  try {
    sessionStorage.setItem(KEY, token)
  } catch {
    // storage may be switched off: then only a reload asks for the link again
  }
}

/** The token an earlier load of this tab took; empty when there is none. */
export function keptToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}
