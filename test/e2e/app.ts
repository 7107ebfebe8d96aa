// The real app for browser tests: serve in a process of its own on a workspace of its own, and Chromium in front of it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { CLI } from '../helpers/built.ts'

const CANDIDATES = [
  process.env.MONOSCOPE_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Chromium's program, or undefined where there is none; in CI that is an error. */
export const chromiumPath = CANDIDATES.find((path) => path !== undefined && existsSync(path))
if (!chromiumPath && process.env.CI) throw new Error('CI needs Chromium for the browser tests.')

/** For `describe.skipIf`, with the reason in the title. */
export const withoutChromium = chromiumPath === undefined
export const title = (name: string) =>
  withoutChromium ? `${name} (skipped: no Chromium; set MONOSCOPE_CHROMIUM to its path)` : name

/** A served workspace. */
export interface ServedApp {
  readonly url: string
  readonly workspace: string
  readonly pid: number
  /** Ends it like a power cut. */
  kill(): Promise<void>
  /** Ends it like Ctrl-C. */
  stop(): Promise<void>
}

export interface ServeOptions {
  readonly workspace?: string
  /** Left to the host by default: the one of the last time on this workspace. */
  readonly port?: number
  /** Lets it begin the demo in an empty workspace; other tests want theirs as it is. */
  readonly demo?: boolean
  /** Over this process's own and `VULKAN_AWAY`. */
  readonly env?: NodeJS.ProcessEnv
}

/** What a test that fails half-way leaves behind, see `cleanup.ts`. */
const running = new Set<ChildProcess>()
const shown = new Map<Page, readonly string[]>()

/** Without a Vulkan driver WebGPU answers at once that it has none; in software its probe takes half a minute. */
const VULKAN_AWAY = { VK_ICD_FILENAMES: '/no/such.json' }

export async function serveApp(options: ServeOptions = {}): Promise<ServedApp> {
  const workspace = options.workspace ?? (await mkdtemp(join(tmpdir(), 'monoscope-e2e-')))
  const args = ['--json', '--workspace', workspace, 'serve', '--no-open']
  if (!options.demo) args.push('--no-demo')
  if (options.port !== undefined) args.push('--port', String(options.port))
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...VULKAN_AWAY, ...options.env },
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const { url } = JSON.parse(await firstLine(child)) as { url: string }
  const end = (signal: NodeJS.Signals) =>
    new Promise<void>((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('exit', () => resolve())
      child.kill(signal)
    })
  return { url, workspace, pid: child.pid ?? 0, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
}

/** The process that works on a job, or holds the `model`: the child of this app's host that names it. Throws when there is not just one. */
export function computePid(app: ServedApp, job: string): number {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
  const found = table.split('\n').flatMap((line) => {
    const [pid, parent, ...args] = line.trim().split(/\s+/)
    return Number(parent) === app.pid && args.join(' ').includes(`job=${job}`) ? [Number(pid)] : []
  })
  if (found.length !== 1 || found[0] === undefined)
    throw new Error(`${found.length} processes work on ${job}.`)
  return found[0]
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      if (text.includes('\n')) resolve(text)
    })
    child.once('exit', (code) => reject(new Error(`serve ended with ${code} before it was ready: ${text}`)))
  })
}

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** A page whose console errors, failed requests and policy violations are collected in `problems`. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options })
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const page = await context.newPage()
  // Playwright's own 30 s are less than a busy machine takes for a benchmark; the test's limit still ends it
  page.setDefaultTimeout(100_000)
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(String(error)))
  shown.set(page, problems)
  page.on('close', () => shown.delete(page))
  await page.goto(url)
  return { page, problems }
}

/** What the open pages show, and what went wrong in them. */
export async function describePages(): Promise<string> {
  const texts = [...shown].map(async ([page, problems]) => {
    const text = await page.innerText('body', { timeout: 5_000 }).catch(String)
    return [`The page at ${page.url().split('token=')[0]}:`, ...problems, text].join('\n')
  })
  return (await Promise.all(texts)).join('\n\n')
}

/** Ends hosts that no test ended: each would keep the whole run from ending. */
export function endServed(): void {
  for (const child of running) child.kill('SIGKILL')
}

export async function removeWorkspace(workspace: string): Promise<void> {
  await rm(workspace, { recursive: true, force: true })
}
