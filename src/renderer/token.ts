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
  try {
    sessionStorage.setItem(KEY, given)
  } catch {
    // storage may be switched off: then only a reload asks for the link again
  }
  window.history.replaceState(null, '', `${window.location.pathname}#/`)
  return given
}

/** The token an earlier load of this tab took; empty when there is none. */
export function keptToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? ''
  } catch {
    return ''
  }
}
