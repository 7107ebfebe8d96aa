// The workspace folder: where it is, what lies in it, and whether it can be used.
import { constants, existsSync } from 'node:fs'
import { access, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { temporaryPath } from './atomic.ts'
import { ioError } from './io-error.ts'

/** Paths of a workspace; every folder exists once it is open. */
export interface Workspace {
  readonly path: string
  readonly name: string
  /** The registry: models, harvests, SAEs, jobs, settings. */
  readonly database: string
  readonly models: string
  readonly harvests: string
  readonly saes: string
  readonly reports: string
  /** One folder a job, for what it keeps between attempts. */
  readonly jobs: string
}

/** The workspace used when none is named: `MONOSCOPE_WORKSPACE`, or the system's place for application data. */
export function defaultWorkspace(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  if (env.MONOSCOPE_WORKSPACE) return resolve(env.MONOSCOPE_WORKSPACE)
  const home = homedir()
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Monoscope')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Monoscope')
  return join(env.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'monoscope')
}

/** The paths of the workspace at `folder`, whether they exist or not. */
export function workspaceAt(folder: string): Workspace {
  const path = resolve(folder)
  return {
    path,
    name: basename(path) || path,
    database: join(path, 'monoscope.sqlite'),
    models: join(path, 'models'),
    harvests: join(path, 'harvests'),
    saes: join(path, 'saes'),
    reports: join(path, 'reports'),
    jobs: join(path, 'jobs'),
  }
}

/**
 * Opens `folder` as a workspace, making what is missing. Throws `workspace/not-a-folder`, `workspace/foreign` (a
 * folder with other files in it is left alone) or `disk/…`.
 */
export async function openWorkspace(folder: string): Promise<Workspace> {
  const workspace = workspaceAt(folder)
  try {
    await makeFolder(workspace.path)
    await refuseForeign(workspace)
    await probeWriting(workspace.path)
    const { models, harvests, saes, reports, jobs } = workspace
    for (const part of [models, harvests, saes, reports, jobs]) await mkdir(part, { recursive: true })
    return workspace
  } catch (error) {
    if (error instanceof MonoscopeError) throw error
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTDIR') {
      throw expected(
        'workspace/not-a-folder',
        `${workspace.path} cannot be a workspace: a file is in the way.`,
        'Choose a folder, with --workspace or in the File menu.',
      )
    }
    throw ioError(error, workspace.path)
  }
}

/** Bytes free on the workspace's disk for this user; null when the system does not say. */
export async function freeBytes(workspace: Workspace): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(workspace.path)
    return bavail * bsize
  } catch {
    return null
  }
}

/** What an earlier start may have left that was cut short, or whose database was moved away. */
const ours = new Set([
  'models',
  'harvests',
  'saes',
  'reports',
  'jobs',
  'host.json',
  'devices.json',
  'tabs.json',
  'secrets.json',
])

async function refuseForeign(workspace: Workspace): Promise<void> {
  const names = await readdir(workspace.path)
  const isWorkspace = names.some((name) => name.startsWith('monoscope.sqlite'))
  const foreign = names.filter(
    (name) => !ours.has(name) && !name.startsWith('.') && !name.startsWith('host.lock'),
  )
  if (isWorkspace || foreign.length === 0) return
  throw expected(
    'workspace/foreign',
    `${workspace.path} is no Monoscope workspace and holds other files (${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}).`,
    'Choose an empty folder, so that your files stay yours.',
  )
}

/** Writes and removes a small file: permissions alone do not tell about read-only and full disks. */
async function probeWriting(folder: string): Promise<void> {
  const probe = temporaryPath(join(folder, 'probe'))
  try {
    await writeFile(probe, new Uint8Array(1), { flag: 'wx' })
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true })
  } catch (error) {
    // Node calls a disk that is read-only a missing folder; the system says it better
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') await access(nearest(path), constants.W_OK)
    throw error
  }
}

/** The innermost folder on the way to `path` that exists. */
function nearest(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearest(dirname(path))
}
