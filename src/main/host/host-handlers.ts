// The contract's host, files, machine, settings and secrets over what this host has.
import { availableParallelism, cpus, hostname } from 'node:os'
import type { Handlers } from '../../shared/contract/define.ts'
import type { HostDescription, HostKind, hostContract } from '../../shared/contract/host.ts'
import { secretNameSchema, type settingsContract } from '../../shared/contract/settings.ts'
import { type ErrorData, expected } from '../../shared/errors.ts'
import { memoryLimit } from '../compute/memory-limit.ts'
import type { SecretStore } from '../store/secrets.ts'
import { freeBytes, type Workspace } from '../store/workspace.ts'
import type { Devices } from './devices.ts'
import type { Desktop } from './desktop.ts'
import { diagnostics } from './diagnostics.ts'
import { listFolder } from './folder-listing.ts'
import type { Jobs } from './jobs.ts'
import type { MachineWatch } from './machine-watch.ts'
import type { Models } from './models.ts'
import type { ModelsEngine } from './models-engine.ts'
import type { SettingsKeeper } from './settings.ts'

export interface HostParts {
  readonly kind: HostKind
  readonly version: string
  readonly workspace: Workspace
  readonly desktop: Desktop | undefined
  readonly secrets: SecretStore
  readonly machine: MachineWatch
  readonly settings: SettingsKeeper
  readonly devices: Devices
  readonly jobs: Jobs
  readonly models: Models
  readonly engine: ModelsEngine
  /** Bugs met since the start, for the diagnostics. */
  readonly problems: readonly ErrorData[]
}

const startedAt = Date.now()

export function hostHandlers(parts: HostParts): Handlers<typeof hostContract> {
  const { desktop, workspace, machine } = parts
  const describe = async (): Promise<HostDescription> => ({
    kind: parts.kind,
    version: parts.version,
    capabilities: {
      nativeDialogs: desktop !== undefined,
      secrets: parts.secrets.kind,
      reveal: desktop !== undefined,
    },
    workspace: { path: workspace.path, name: workspace.name, freeBytes: await freeBytes(workspace) },
    machine: {
      hostname: hostname(),
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: availableParallelism(),
      memory: memoryLimit(),
    },
    device: chosenName(parts.devices),
    pid: process.pid,
    startedAt,
  })
  return {
    'host.describe': describe,
    'host.diagnostics': async () => diagnostics(await describe(), parts.jobs.list(20), parts.problems),
    'host.pickFolder': ({ title }) => {
      if (!desktop) throw noDesktop()
      return desktop.pickFolder(title)
    },
    'host.reveal': ({ path }) => {
      if (!desktop) throw noDesktop()
      desktop.reveal(path)
    },
    'files.list': ({ path }) => listFolder(path),
    'machine.watch': (_none, sink, { signal }) => {
      sink.snapshot(machine.sample())
      signal.addEventListener(
        'abort',
        machine.listen((sample) => sink.delta(sample)),
        { once: true },
      )
    },
  }
}

export function settingsHandlers({ settings, secrets, jobs }: HostParts): Handlers<typeof settingsContract> {
  return {
    'settings.set': (changes) => {
      const after = settings.set(changes)
      jobs.schedule()
      return after
    },
    'settings.watch': (_none, sink, { signal }) => {
      sink.snapshot(settings.current)
      settings.changed.listenUntil(signal, (after) => sink.delta(after))
    },
    'secrets.list': () =>
      Promise.all(
        secretNameSchema.options.map(async (name) => ({ name, set: (await secrets.get(name)) !== null })),
      ),
    'secrets.set': ({ name, value }) => secrets.set(name, value),
    'secrets.delete': ({ name }) => secrets.delete(name),
  }
}

/** "CPU" until the devices have been probed: that is where work would run if it began now. */
function chosenName({ state }: Devices): string {
  return state.devices.find(({ id }) => id === state.chosen)?.name ?? 'CPU'
}

function noDesktop() {
  return expected(
    'host/no-dialogs',
    'This host has no desktop.',
    'Type the path, or browse for it on the page.',
  )
}
