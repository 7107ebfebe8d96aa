// The app's one window: sandboxed, isolated, where it was the last time.
import type { BrowserWindow } from 'electron'
import type { Electron } from './electron.ts'
import { PAGE_URL } from './origin.ts'
import { readWindowState, saveWindowState } from './window-state.ts'

export interface WindowOptions {
  readonly preload: string
  readonly statePath: string
}

export function openWindow(
  { BrowserWindow, screen, dialog }: Pick<Electron, 'BrowserWindow' | 'screen' | 'dialog'>,
  options: WindowOptions,
): BrowserWindow {
  const screens = screen.getAllDisplays().map((display) => display.workArea)
  const state = readWindowState(options.statePath, screens)
  const window = new BrowserWindow({
    ...(state?.bounds ?? { width: 1440, height: 900 }),
    minWidth: 800,
    minHeight: 560,
    show: false,
    title: 'Monoscope',
    webPreferences: {
      preload: options.preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  })
  if (state?.maximized) window.maximize()
  window.once('ready-to-show', () => window.show())
  window.on('close', () => {
    const { x, y, width, height } = window.getNormalBounds()
    // a window that cannot be remembered still closes
    void saveWindowState(options.statePath, {
      bounds: { x, y, width, height },
      maximized: window.isMaximized(),
    }).catch(() => undefined)
  })
  offerReload(window, dialog)
  void window.loadURL(PAGE_URL)
  return window
}

/** A page that crashed or hangs can be loaded anew; the host and its jobs are not touched. */
function offerReload(window: BrowserWindow, dialog: Electron['dialog']): void {
  const offer = async (what: string) => {
    const { response } = await dialog.showMessageBox(window, {
      type: 'error',
      message: `The page ${what}.`,
      detail: 'Jobs go on running. Reloading brings the page back.',
      buttons: ['Reload', 'Wait'],
      defaultId: 0,
      cancelId: 1,
    })
    if (response === 0) window.webContents.reload()
  }
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') void offer(`stopped (${reason})`)
  })
  window.on('unresponsive', () => void offer('does not answer'))
}
