// Serves the built page as app://monoscope/, from its folder only and with the same policy as in a browser.
import { Assets } from '../host/assets.ts'
import type { Electron } from './electron.ts'
import { isOwnPage, SCHEME } from './origin.ts'

/** Must run before the app is ready: gives the scheme the rights of https. */
export function registerScheme({ protocol }: Pick<Electron, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ])
}

export function servePage({ protocol }: Pick<Electron, 'protocol'>, folder: string): void {
  const assets = new Assets(folder)
  protocol.handle(SCHEME, async (request) => {
    const asset =
      request.method === 'GET' && isOwnPage(request.url)
        ? await assets.find(request.url.slice(request.url.indexOf('/', `${SCHEME}://`.length)))
        : null
    if (!asset) return new Response('Not found', { status: 404 })
    return new Response(new Uint8Array(asset.body), { headers: { ...asset.headers } })
  })
}
