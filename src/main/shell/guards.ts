// What no page may do: permissions, leaving its address, opening windows, embedding others.
import type { WebContents } from 'electron'
import type { Electron } from './electron.ts'
import { isOwnPage } from './origin.ts'

/** Sites that links may open in the system's browser. */
const OUTSIDE = new Set([
  'huggingface.co',
  'github.com',
  'onnxruntime.ai',
  'developer.nvidia.com',
  'docs.nvidia.com',
])

/** True for addresses that may be opened outside the app. */
export function mayOpenOutside(address: string): boolean {
  try {
    const { protocol, host } = new URL(address)
    return protocol === 'https:' && OUTSIDE.has(host)
  } catch {
    return false
  }
}

/** The page may copy text it was asked to copy; everything else is refused. */
const ALLOWED = new Set(['clipboard-sanitized-write'])

export function guardPermissions({ session }: Pick<Electron, 'session'>): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((contents, permission, decide) =>
    decide(ALLOWED.has(permission) && isOwnPage(contents.getURL())),
  )
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => ALLOWED.has(permission) && isOwnPage(origin),
  )
  defaultSession.setDevicePermissionHandler(() => false)
}

/** Applies to every page there will ever be. */
export function guardNavigation({ app, shell }: Pick<Electron, 'app' | 'shell'>): void {
  app.on('web-contents-created', (_event, contents: WebContents) => {
    const stay = (event: { preventDefault(): void; url: string }) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    }
    contents.on('will-navigate', stay)
    contents.on('will-redirect', stay)
    contents.on('will-frame-navigate', stay)
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (mayOpenOutside(url)) void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
