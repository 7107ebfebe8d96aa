// The app and a browser for all tests of a `describe`: there before the first, gone with the workspace after the last.
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { openBrowser, openPage, removeWorkspace, serveApp, type ServedApp, type ServeOptions } from './app.ts'

/** What a `describe` has once its tests run. */
export interface Served {
  readonly app: ServedApp
  readonly browser: Browser
  /** The app in a page of its own, see `openPage`. */
  open(options?: BrowserContextOptions): ReturnType<typeof openPage>
}

/** To be called in a `describe`; the tests take what it gives apart when they run. */
export function served(options: ServeOptions = {}): Served {
  let app: ServedApp | undefined
  let browser: Browser | undefined
  beforeAll(async () => {
    app = await serveApp(options)
    browser = await openBrowser()
  })
  afterAll(async () => {
    // each may be missing when the other could not begin
    await browser?.close()
    await app?.stop()
    if (app) await removeWorkspace(app.workspace)
  })
  const begun = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('The app is there in tests only, not while they are declared.')
    return part
  }
  return {
    get app() {
      return begun(app)
    },
    get browser() {
      return begun(browser)
    },
    open: (pageOptions) => openPage(begun(browser), begun(app).url, pageOptions),
  }
}
