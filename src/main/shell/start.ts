// Starts the desktop app: one instance, one workspace, one window; every failure is said in a dialog.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { BrowserWindow } from 'electron'
import { toErrorData } from '../../shared/errors.ts'
import { type Host, openHost } from '../host/host.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import { defaultWorkspace } from '../store/workspace.ts'
import { version } from '../store/version.ts'
import type { Electron } from './electron.ts'
import { guardNavigation, guardPermissions } from './guards.ts'
import { menuTemplate } from './menu.ts'
import { osSecrets } from './os-secrets.ts'
import { givePorts } from './page-ports.ts'
import { registerScheme, servePage } from './page-protocol.ts'
import { printPdf } from './print-pdf.ts'
import { utilityCompute } from './utility-compute.ts'
import { openWindow } from './window.ts'

/** Resolves once the window is open, or when the app has quit instead. */
export async function startShell(electron: Electron, args: readonly string[] = process.argv): Promise<void> {
  const { app, dialog } = electron
  if (!app.requestSingleInstanceLock()) return app.quit()
  registerScheme(electron)
  guardNavigation(electron)
  await app.whenReady()
  guardPermissions(electron)
  servePage(electron, fileURLToPath(new URL('../renderer', import.meta.url)))

  const remembered = join(app.getPath('userData'), 'workspace')
  const workspace = chooseWorkspace(args, remembered)
  let window: BrowserWindow | undefined
  let host: Host
  try {
    const secrets = await osSecrets(electron, join(app.getPath('userData'), 'secrets.json'))
    host = await openHost({
      workspace,
      kind: 'electron',
      version,
      launch: utilityCompute(electron),
      demo: !args.includes('--no-demo'),
      ...(secrets && { secrets }),
      desktop: {
        pickFolder: (title) => pickFolder(electron, title, window),
        reveal: (path) => electron.shell.showItemInFolder(path),
        printPdf: (html, pdf) => printPdf(electron, html, pdf),
      },
    })
  } catch (error) {
    const { message, hint } = toErrorData(error)
    dialog.showErrorBox('Monoscope cannot open the workspace', `${message}\n\n${hint ?? ''}`)
    return app.exit(1)
  }

  givePorts(electron, host.service)
  const open = () => {
    window = openWindow(electron, {
      preload: fileURLToPath(new URL('../preload/index.cjs', import.meta.url)),
      statePath: join(app.getPath('userData'), 'window.json'),
    })
    window.on('closed', () => (window = undefined))
  }
  const { Menu } = electron
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate({
        openWorkspace: () => void openAnother(electron, remembered, window),
      }),
    ),
  )
  open()
  app.on('second-instance', () => {
    if (!window) return open()
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('activate', () => {
    if (!window) open()
  })
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit()
  })
  closeBeforeQuit(electron, host)
}

/** `--workspace`, else the one opened last, else the default. */
export function chooseWorkspace(args: readonly string[], remembered: string): string {
  const { values } = parseArgs({
    args: args.slice(1),
    options: { workspace: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  })
  if (typeof values.workspace === 'string') return resolve(values.workspace)
  if (process.env.MONOSCOPE_WORKSPACE || !existsSync(remembered)) return defaultWorkspace()
  return readFileSync(remembered, 'utf8').trim() || defaultWorkspace()
}

async function pickFolder(
  { dialog }: Electron,
  title: string,
  window?: BrowserWindow,
): Promise<string | null> {
  const options = { title, properties: ['openDirectory' as const, 'createDirectory' as const] }
  const { filePaths } = await (window
    ? dialog.showOpenDialog(window, options)
    : dialog.showOpenDialog(options))
  return filePaths[0] ?? null
}

/** Another workspace is another start: nothing of the old one lingers. */
async function openAnother(electron: Electron, remembered: string, window?: BrowserWindow): Promise<void> {
  const folder = await pickFolder(electron, 'Open a workspace', window)
  if (folder === null) return
  await writeFileAtomic(remembered, folder)
  electron.app.relaunch({ args: process.argv.slice(1).filter((arg) => !arg.startsWith('--workspace')) })
  electron.app.quit()
}

/** Jobs stop cleanly and the workspace is released before the app ends. */
function closeBeforeQuit({ app }: Pick<Electron, 'app'>, host: Host): void {
  let closed = false
  app.on('before-quit', (event) => {
    if (closed) return
    event.preventDefault()
    void host.close().finally(() => {
      closed = true
      app.quit()
    })
  })
}
