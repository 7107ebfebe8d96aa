// The Electron shell behind its seam: fakes in Electron's place, and the worst a page can try.
import { EventEmitter } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { CONNECT_MESSAGE } from '../../../src/shared/bridge.ts'
import { contract } from '../../../src/shared/contract/index.ts'
import { Client } from '../../../src/shared/wire/client.ts'
import { MessagePortPort } from '../../../src/shared/wire/message-port.ts'
import type { Electron } from '../../../src/main/shell/electron.ts'
import { guardNavigation, guardPermissions, mayOpenOutside } from '../../../src/main/shell/guards.ts'
import { isOwnPage } from '../../../src/main/shell/origin.ts'
import { osSecrets } from '../../../src/main/shell/os-secrets.ts'
import { servePage } from '../../../src/main/shell/page-protocol.ts'
import { givePorts } from '../../../src/main/shell/page-ports.ts'
import { chooseWorkspace } from '../../../src/main/shell/start.ts'
import { printPdf } from '../../../src/main/shell/print-pdf.ts'
import { readWindowState, saveWindowState } from '../../../src/main/shell/window-state.ts'
import { testHost } from '../../helpers/host.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const electron = (fake: object) => fake as unknown as Electron

describe('the page’s address', () => {
  it.each([
    ['app://monoscope/', true],
    ['app://monoscope/index.html#/jobs', true],
    ['app://monoscope.evil/', false],
    ['app://evil/', false],
    ['https://monoscope/', false],
    ['file:///etc/passwd', false],
    ['javascript:alert(1)', false],
    ['', false],
  ])('%s', (address, own) => expect(isOwnPage(address)).toBe(own))
})

describe('the protocol', () => {
  it('gives the page with its policy, and nothing outside its folder', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'page'))
    await writeFile(join(folder, 'page', 'index.html'), 'page')
    await writeFile(join(folder, 'secret.json'), 'secret')
    let handle = (_request: Request): Promise<Response> => Promise.reject(new Error('not set'))
    const protocol = { handle: (_scheme: string, handler: typeof handle) => (handle = handler) }
    servePage(electron({ protocol }), join(folder, 'page'))
    const ask = (url: string, method = 'GET') => handle({ url, method } as Request)
    const page = await ask('app://monoscope/')
    expect(await page.text()).toBe('page')
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
    for (const url of [
      'app://monoscope/../secret.json',
      'app://monoscope/%2e%2e/secret.json',
      'app://monoscope/..%5csecret.json',
      'app://evil/index.html',
      'app://monoscope/nothing.html',
    ]) {
      expect((await ask(url)).status, url).toBe(404)
    }
    expect((await ask('app://monoscope/', 'POST')).status).toBe(404)
  })
})

describe('permissions', () => {
  it('are refused, but for copying what one asked to copy', () => {
    type Request = (contents: { getURL(): string }, permission: string, decide: (ok: boolean) => void) => void
    const set: {
      request?: Request
      check?: (c: null, p: string, o: string) => boolean
      device?: () => boolean
    } = {}
    guardPermissions(
      electron({
        session: {
          defaultSession: {
            setPermissionRequestHandler: (handler: Request) => (set.request = handler),
            setPermissionCheckHandler: (handler: typeof set.check) => (set.check = handler),
            setDevicePermissionHandler: (handler: typeof set.device) => (set.device = handler),
          },
        },
      }),
    )
    const asked = (url: string, permission: string) => {
      let answer: boolean | undefined
      set.request?.({ getURL: () => url }, permission, (ok) => (answer = ok))
      return answer
    }
    for (const permission of [
      'media',
      'geolocation',
      'notifications',
      'openExternal',
      'clipboard-read',
      'usb',
    ]) {
      expect(asked('app://monoscope/', permission), permission).toBe(false)
      expect(set.check?.(null, permission, 'app://monoscope')).toBe(false)
    }
    expect(asked('app://monoscope/', 'clipboard-sanitized-write')).toBe(true)
    expect(asked('https://evil.example/', 'clipboard-sanitized-write')).toBe(false)
    expect(set.device?.()).toBe(false)
  })
})

describe('navigation', () => {
  it('stays on the page; windows are denied, known sites open outside', () => {
    const app = new EventEmitter()
    const opened: string[] = []
    guardNavigation(electron({ app, shell: { openExternal: (url: string) => opened.push(url) } }))
    let open = (_details: { url: string }): { action: string } => ({ action: 'allow' })
    const contents = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: typeof open) => (open = handler),
    })
    app.emit('web-contents-created', {}, contents)
    const blocked = (event: string, url: string) => {
      let prevented = false
      contents.emit(event, { url, preventDefault: () => (prevented = true) })
      return prevented
    }
    for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      expect(blocked(event, 'https://evil.example/')).toBe(true)
      expect(blocked(event, 'app://monoscope/#/jobs')).toBe(false)
    }
    expect(blocked('will-attach-webview', 'app://monoscope/')).toBe(true)
    expect(open({ url: 'https://evil.example/' }).action).toBe('deny')
    expect(open({ url: 'https://huggingface.co/meta-llama' }).action).toBe('deny')
    expect(opened).toEqual(['https://huggingface.co/meta-llama'])
    for (const url of ['http://huggingface.co/', 'https://huggingface.co.evil.example/', 'file:///x', 'no']) {
      expect(mayOpenOutside(url)).toBe(false)
    }
  })
})

describe('ports', () => {
  it('go to the main frame of our own page, and speak the contract', async () => {
    const { host } = await testHost()
    const ipcMain = new EventEmitter()
    class MessageChannelMain {
      readonly port1
      readonly port2
      constructor() {
        const channel = new MessageChannel()
        this.port1 = channel.port1
        this.port2 = channel.port2
      }
    }
    givePorts(electron({ ipcMain, MessageChannelMain }), host.service)
    const given: MessageChannelMain['port2'][] = []
    const frame = (url: string, parent: unknown) => ({
      url,
      parent,
      postMessage: (_name: string, _message: null, [port]: MessageChannelMain['port2'][]) =>
        port && given.push(port),
    })
    ipcMain.emit(CONNECT_MESSAGE, { senderFrame: frame('https://evil.example/', null) })
    ipcMain.emit(CONNECT_MESSAGE, { senderFrame: frame('app://monoscope/', {}) })
    ipcMain.emit(CONNECT_MESSAGE, { senderFrame: null })
    expect(given).toHaveLength(0)
    ipcMain.emit(CONNECT_MESSAGE, { senderFrame: frame('app://monoscope/', null) })
    expect(given).toHaveLength(1)
    const client = new Client(contract, new MessagePortPort(given[0] as never), { app: 'page' })
    expect((await client.call('host.describe', undefined)).version).toBe('0.0.0')
    client.close()
  })
})

describe('the window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 }
  const bounds = { x: 100, y: 100, width: 1200, height: 800 }

  it('opens where it was, if that is still on a screen', async () => {
    const path = join(await temporaryFolder(), 'window.json')
    expect(readWindowState(path, [screen])).toBeNull()
    await saveWindowState(path, { bounds, maximized: true })
    expect(readWindowState(path, [screen])).toEqual({ bounds, maximized: true })
    expect(readWindowState(path, [{ ...screen, x: 5000 }])).toBeNull()
    await writeFile(path, '{"bounds":{"x":"left"}}')
    expect(readWindowState(path, [screen])).toBeNull()
  })
})

describe('a report on paper', () => {
  /** Windows that were made, and whether each is gone. */
  function fakeWindows(loads: (path: string) => Promise<void>) {
    const windows: { options: unknown; gone: boolean }[] = []
    class BrowserWindow {
      readonly #made: { options: unknown; gone: boolean }
      readonly webContents = { printToPDF: () => Promise.resolve(Buffer.from('%PDF-1.4')) }
      readonly loadFile = loads
      constructor(options: unknown) {
        this.#made = { options, gone: false }
        windows.push(this.#made)
      }
      destroy(): void {
        this.#made.gone = true
      }
    }
    return { windows, fake: electron({ BrowserWindow }) }
  }

  it('is printed by a hidden window without scripts, which is gone afterwards, whatever happens', async () => {
    const pdf = join(await temporaryFolder(), 'report.pdf')
    const loaded: string[] = []
    const { windows, fake } = fakeWindows((path) => Promise.resolve(void loaded.push(path)))
    await printPdf(fake, '/reports/1/report.html', pdf)
    expect(loaded).toEqual(['/reports/1/report.html'])
    expect(await readFile(pdf, 'utf8')).toBe('%PDF-1.4')
    const hidden = { show: false, webPreferences: { sandbox: true, javascript: false } }
    expect(windows).toMatchObject([{ options: hidden, gone: true }])

    const broken = fakeWindows(() => Promise.reject(new Error('ERR_FILE_NOT_FOUND')))
    await expect(printPdf(broken.fake, '/gone.html', `${pdf}2`)).rejects.toThrow('ERR_FILE_NOT_FOUND')
    expect(broken.windows).toMatchObject([{ gone: true }])
  })
})

describe('secrets in the key store', () => {
  const safeStorage = {
    isAsyncEncryptionAvailable: () => Promise.resolve(true),
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptStringAsync: (text: string) =>
      Promise.resolve(Buffer.from(text).map((byte) => byte ^ 42) as Buffer),
    decryptStringAsync: (bytes: Buffer) =>
      Promise.resolve({
        result: Buffer.from(bytes.map((byte) => byte ^ 42)).toString(),
        shouldReEncrypt: false,
      }),
  }

  it('are kept encrypted', async () => {
    const path = join(await temporaryFolder(), 'secrets.json')
    const secrets = await osSecrets(electron({ safeStorage }), path)
    await secrets?.set('huggingface', 'hf_secret')
    expect(await readFile(path, 'utf8')).not.toContain('hf_secret')
    expect(await secrets?.get('huggingface')).toBe('hf_secret')
    await secrets?.delete('huggingface')
    expect(await secrets?.get('huggingface')).toBeNull()
  })

  it('are left to the file where the key store is none', async () => {
    const none = { ...safeStorage, isAsyncEncryptionAvailable: () => Promise.resolve(false) }
    expect(await osSecrets(electron({ safeStorage: none }), '/unused')).toBeNull()
    if (process.platform !== 'linux') return
    const plain = { ...safeStorage, getSelectedStorageBackend: () => 'basic_text' }
    expect(await osSecrets(electron({ safeStorage: plain }), '/unused')).toBeNull()
  })
})

describe('the workspace', () => {
  it('is the one named, else the last, else the default', async () => {
    const remembered = join(await temporaryFolder(), 'workspace')
    expect(chooseWorkspace(['electron', '.', '--workspace', '/named'], remembered)).toBe('/named')
    const otherwise = chooseWorkspace(['electron', '.'], remembered)
    await writeFile(remembered, '/last\n')
    if (!process.env.MONOSCOPE_WORKSPACE) expect(chooseWorkspace(['electron', '.'], remembered)).toBe('/last')
    expect(otherwise).not.toBe('/last')
  })
})
