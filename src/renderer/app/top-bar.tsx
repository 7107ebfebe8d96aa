// The top bar: workspace, palette, what the machine uses, device, and running jobs.
import { Tooltip } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { fractionOf } from '../../shared/jobs/progress.ts'
import { isActive } from '../../shared/jobs/state.ts'
import { formatBytes } from '../../shared/units.ts'
import { copy } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { workPlace } from '../ui/device-words.ts'
import { Meter } from '../ui/meter.tsx'
import { modKey } from './keys.ts'
import { palette } from './palette-store.ts'

export function TopBar() {
  const host = useApp((state) => state.host)
  const open = useApp((state) => state.status.state === 'open')
  const place = workPlace(useApp((state) => state.devices))
  return (
    <header className="top">
      <Link to="/jobs" className="brand">
        <img src="./icon.svg" width={20} height={20} alt="" />
        Monoscope
      </Link>
      {host && (
        <Tooltip label={`Workspace ${host.workspace.path} (click to copy)`}>
          <button type="button" className="pill" onClick={() => void copy(host.workspace.path, 'Path')}>
            <span className="cut">{host.workspace.name}</span>
          </button>
        </Tooltip>
      )}
      <button type="button" className="search" onClick={() => palette.open()}>
        <span className="cut">Search pages, jobs, commands…</span>
        <kbd>{modKey} K</kbd>
      </button>
      <MachineUse />
      {host && (
        <Tooltip label={open ? place.sentence : 'Not connected'}>
          <Link to="/device" className="pill place">
            <span className="dot" data-away={!open || !place.known || undefined} />
            <span className="cut">{place.name}</span>
          </Link>
        </Tooltip>
      )}
      <JobsPill />
    </header>
  )
}

function MachineUse() {
  const machine = useApp((state) => state.machine)
  const cores = useApp((state) => state.host?.machine.cores)
  if (!machine || !cores) return null
  const { machineCpu, machineMemoryUsed, machineMemoryTotal } = machine
  const cpu = machineCpu === null ? null : machineCpu / cores / 100
  const cpuText = cpu === null ? 'unknown' : `${Math.round(cpu * 100)} %`
  const used = machineMemoryUsed ?? 0
  const total = machineMemoryTotal ?? 0
  return (
    <Tooltip
      label={`The machine: processor ${cpuText} of ${cores} cores, memory ${formatBytes(used)} of ${formatBytes(total)}`}
    >
      <span className="pill use">
        <Meter name="Load" fraction={cpu} text={cpuText} wordy />
        <Meter name="Mem" fraction={total > 0 ? used / total : null} text={formatBytes(used)} wordy warns />
      </span>
    </Tooltip>
  )
}

function JobsPill() {
  const jobs = useApp((state) => state.jobs)
  const active = jobs?.filter((job) => isActive(job.state)) ?? []
  if (active.length === 0) {
    return (
      <Link to="/jobs" className="pill">
        no jobs running
      </Link>
    )
  }
  const running = active.find((job) => job.state === 'running')
  const fraction = running ? fractionOf(running.progress) : null
  return (
    <Link to="/jobs" className="pill jobs">
      {active.length === 1 ? '1 job' : `${active.length} jobs`}
      {fraction !== null && ` · ${Math.floor(fraction * 100)} %`}
      <span className="under" aria-hidden>
        <i style={{ width: `${(fraction ?? 0) * 100}%` }} />
      </span>
    </Link>
  )
}
