// The page's own address in Electron; everything that asks for something is measured against it.

export const SCHEME = 'app'
export const PAGE_ORIGIN = `${SCHEME}://monoscope`
export const PAGE_URL = `${PAGE_ORIGIN}/`

/** True for addresses of the page itself. */
export function isOwnPage(address: string): boolean {
  try {
    const { protocol, host } = new URL(address)
    // "null" is the origin of every non-standard scheme, so compare the parts
    return `${protocol}//${host}` === PAGE_ORIGIN
  } catch {
    return false
  }
}
