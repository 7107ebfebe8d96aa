// What every page shows: the connection, the host, its jobs and settings, kept up to date by the host's streams.
import { create } from 'zustand'
import type { HostDescription } from '../../shared/contract/host.ts'
import type { Settings } from '../../shared/contract/settings.ts'
import type { Demo } from '../../shared/demo.ts'
import type { DevicesState } from '../../shared/devices.ts'
import type { Job, Sample } from '../../shared/jobs/job.ts'
import type { JobKindId } from '../../shared/jobs/kinds.ts'
import type { LinkStatus } from '../../shared/wire/link.ts'
import { connectToHost } from '../client.ts'

interface AppState {
  readonly status: LinkStatus
  /** Null until the host has told. */
  readonly host: HostDescription | null
  readonly jobs: readonly Job[] | null
  /** Probes that are due begin as soon as a page asks. */
  readonly devices: DevicesState | null
  readonly settings: Settings | null
  readonly machine: Sample | null
  readonly demo: Demo | null
}

export const useApp = create<AppState>(() => ({
  status: { state: 'connecting' },
  host: null,
  jobs: null,
  devices: null,
  settings: null,
  machine: null,
  demo: null,
}))

export const link = connectToHost((status) => {
  useApp.setState({ status })
  // a restarted host may be another version or kind
  if (status.state === 'open') void describeHost()
})

async function describeHost(): Promise<void> {
  try {
    useApp.setState({ host: await link.call('host.describe', undefined) })
  } catch {
    // the connection broke meanwhile; the next one asks again
  }
}

link.subscribe('jobs.watch', undefined, { state: (jobs) => useApp.setState({ jobs }) })
link.subscribe('devices.watch', undefined, { state: (devices) => useApp.setState({ devices }) })
link.subscribe('settings.watch', undefined, { state: (settings) => useApp.setState({ settings }) })
link.subscribe('machine.watch', undefined, { state: (machine) => useApp.setState({ machine }) })
link.subscribe('demo.watch', undefined, { state: (demo) => useApp.setState({ demo }) })

/** Another text whenever a job of one of these kinds comes, goes, or changes its state. */
export function useJobStamp(...kinds: readonly JobKindId[]): string {
  return useApp(({ jobs }) =>
    (jobs ?? [])
      .filter(({ kind }) => kinds.some((one) => one === kind))
      .map(({ id, state }) => `${id} ${state}`)
      .join(),
  )
}

/** The newest job of a kind, of those the host lists. */
export function useNewestJob(kind: JobKindId, state?: Job['state']): Job | undefined {
  return useApp(({ jobs }) =>
    jobs?.find((job) => job.kind === kind && (state === undefined || job.state === state)),
  )
}
