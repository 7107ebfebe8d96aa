// The launcher decides what to build and what to open: run for real, in a small checkout with a builder and an Electron
// whose behaviour each test chooses; npx is run in this very checkout.
import { type SpawnOptions, spawn } from 'node:child_process'
import { chmod, copyFile, mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../helpers/temporary.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Ran {
  code: number | null
  stdout: string
  stderr: string
}

function runIn(
  cwd: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ran> {
  const options: SpawnOptions = { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options)
    onTestFinished(() => void child.kill('SIGKILL'))
    let stdout = ''
    let stderr = ''
    child.stdout?.on('data', (bytes: Buffer) => (stdout += bytes.toString()))
    child.stderr?.on('data', (bytes: Buffer) => (stderr += bytes.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Writes `out/main/cli.js`, which prints its arguments, and one line to `builds`. */
const BUILDER = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
appendFileSync('builds', 'one\\n')
const source = readFileSync('src/source.ts', 'utf8')
await new Promise((resolve) => setTimeout(resolve, 300))
if (source === 'broken') { console.error('a syntax error'); process.exit(1) }
mkdirSync('out/main', { recursive: true })
writeFileSync('out/main/cli.js', 'console.log(JSON.stringify(process.argv.slice(2)))')
`

async function checkout() {
  const root = await temporaryFolder()
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  await mkdir(join(root, 'bin'))
  await copyFile(join(ROOT, 'bin/monoscope.mjs'), join(root, 'bin/monoscope.mjs'))
  await put('package.json', '{ "type": "module" }')
  await put('src/source.ts', 'export {}')
  await put('node_modules/electron-vite/package.json', '{ "type": "module" }')
  await put('node_modules/electron-vite/bin/electron-vite.js', BUILDER)
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}, user = 1_000) => {
    // whoever runs the tests, the launcher sees this user: as root it opens no Electron
    const as = `data:text/javascript,process.getuid = () => ${user}`
    const given = ['--import', as, 'bin/monoscope.mjs', ...args]
    return runIn(root, process.execPath, given, { DISPLAY: '', WAYLAND_DISPLAY: '', ...env })
  }
  const builds = async () => (await readFile(join(root, 'builds'), 'utf8')).split('\n').length - 1
  return { root, put, run, builds }
}

/** An Electron whose program is this shell script. */
async function withElectron(
  put: (path: string, text: string) => Promise<void>,
  root: string,
  script: string,
) {
  await put('node_modules/electron/package.json', '{}')
  await put('node_modules/electron/path.txt', 'electron')
  await put('node_modules/electron/dist/electron', `#!/bin/sh\n${script}\n`)
  await chmod(join(root, 'node_modules/electron/dist/electron'), 0o755)
}

const inFuture = (seconds: number) => new Date(Date.now() + seconds * 1_000)

describe('building', () => {
  it('happens when a source is newer than the build, says so on stderr only, and passes the command on', async () => {
    const { root, run, builds } = await checkout()
    const first = await run(['jobs', '--json'])
    expect(first).toMatchObject({ code: 0, stdout: '["jobs","--json"]\n' })
    expect(first.stderr).toContain('Building Monoscope')
    expect(await run(['jobs'])).toEqual({ code: 0, stdout: '["jobs"]\n', stderr: '' })
    expect(await builds()).toBe(1)
    await utimes(join(root, 'src/source.ts'), inFuture(60), inFuture(60))
    await run(['jobs'])
    expect(await builds()).toBe(2)
  })

  it('is done once by two starts at the same time', async () => {
    const { run, builds } = await checkout()
    const both = await Promise.all([run(['jobs']), run(['settings'])])
    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(await builds()).toBe(1)
  })

  it('takes over from a builder that died', async () => {
    const { put, run, builds } = await checkout()
    // a process id no system gives
    await put('out/building/pid', '4194305')
    expect((await run(['jobs'])).code).toBe(0)
    expect(await builds()).toBe(1)
  })

  it('is repeated for what was changed while it ran', async () => {
    const { put, run, builds } = await checkout()
    const building = run(['build'])
    await expect.poll(builds).toBe(1)
    await put('src/source.ts', 'export const later = true')
    await building
    await run(['jobs'])
    expect(await builds()).toBe(2)
  })

  it('that fails shows why, fails, and is tried again', async () => {
    const { put, run, builds } = await checkout()
    await put('src/source.ts', 'broken')
    const failed = await run(['jobs'])
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('a syntax error')
    await put('src/source.ts', 'export {}')
    expect((await run(['jobs'])).code).toBe(0)
    expect(await builds()).toBe(2)
  })

  it('does not stumble over a link that leads nowhere', async () => {
    const { root, run } = await checkout()
    await symlink('nobody@nowhere', join(root, 'src/.#source.ts'))
    // the second start looks at what is newer than the first one's build
    expect((await run(['jobs'])).code).toBe(0)
    expect((await run(['jobs'])).code).toBe(0)
  })

  it('is not needed where there are no sources', async () => {
    const { root, put } = await checkout()
    const installed = join(root, 'installed')
    await put('installed/package.json', '{ "type": "module" }')
    await put('installed/out/main/cli.js', 'console.log("as it came")')
    await mkdir(join(installed, 'bin'))
    await copyFile(join(ROOT, 'bin/monoscope.mjs'), join(installed, 'bin/monoscope.mjs'))
    const ran = await runIn(installed, process.execPath, ['bin/monoscope.mjs', 'jobs'])
    expect(ran).toEqual({ code: 0, stdout: 'as it came\n', stderr: '' })
  })
})

// on other systems there is always a desktop
describe.runIf(process.platform === 'linux')('start', () => {
  const sentences = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('Opening'))

  it('opens the browser without a desktop, saying why in one sentence, and keeps the flags', async () => {
    const { run } = await checkout()
    const { stdout, stderr } = await run(['--workspace', 'start', 'start', '--port', '80'])
    expect(stdout).toBe('["start","--workspace","start","--port","80"]\n')
    expect(sentences(stderr)).toEqual([
      'Opening Monoscope in the browser, because Electron is not installed.',
    ])
  })

  it('names the desktop as what is missing', async () => {
    const { root, put, run } = await checkout()
    await withElectron(put, root, 'exit 0')
    expect(sentences((await run(['start'])).stderr)).toEqual([
      'Opening Monoscope in the browser, because there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is set).',
    ])
  })

  it('opens Electron on this folder, also from an editor whose terminal makes it a Node', async () => {
    const { root, put, run } = await checkout()
    await withElectron(put, root, 'echo "electron $ELECTRON_RUN_AS_NODE $*"')
    const ran = await run(['start', '--workspace', 'w'], { DISPLAY: ':1', ELECTRON_RUN_AS_NODE: '1' })
    expect(ran.stdout).toBe(`electron  ${root} --workspace w\n`)
    expect(sentences(ran.stderr)).toEqual(['Opening Monoscope in Electron.'])
  })

  it('opens the browser when Electron dies at once, as without its sandbox', async () => {
    const { root, put, run } = await checkout()
    await withElectron(put, root, 'kill -TRAP $$')
    const { stdout, stderr } = await run(['start'], { DISPLAY: ':1' })
    expect(stdout).toBe('["start"]\n')
    expect(sentences(stderr).at(-1)).toContain(
      'because Electron cannot run here: it ended at once (SIGTRAP).',
    )
  })

  it("gives Electron's own failure on without opening anything else", async () => {
    const { root, put, run } = await checkout()
    await withElectron(put, root, 'exit 1')
    expect(await run(['start'], { DISPLAY: ':1' })).toMatchObject({ code: 1, stdout: '' })
  })

  it('opens the browser when Electron cannot be fetched', async () => {
    const { put, run } = await checkout()
    await put('node_modules/electron/package.json', '{}')
    await put('node_modules/electron/install.js', 'process.exit(1)')
    const { code, stderr } = await run(['start'], { DISPLAY: ':1' })
    expect(code).toBe(0)
    expect(sentences(stderr)).toEqual([
      "Opening Monoscope in the browser, because Electron's program could not be downloaded.",
    ])
  })

  it('says that Electron does not run as root', async () => {
    const { root, put, run } = await checkout()
    await withElectron(put, root, 'exit 0')
    expect(sentences((await run(['start'], { DISPLAY: ':1' }, 0)).stderr)).toEqual([
      'Opening Monoscope in the browser, because Electron does not run as root.',
    ])
  })
})

describe('npx', () => {
  it('runs the command of this checkout, from any folder of it, without asking a registry', async () => {
    const env = {
      npm_config_cache: await temporaryFolder(),
      npm_config_registry: 'http://127.0.0.1:9',
      npm_config_fetch_retries: '0',
    }
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string }
    for (const folder of [ROOT, join(ROOT, 'src/main')]) {
      const { code, stdout } = await runIn(folder, 'npx', ['monoscope', '--version'], env)
      expect([code, stdout]).toEqual([0, `${version}\n`])
    }
  }, 180_000)
})
