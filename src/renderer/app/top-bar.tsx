// The top bar: workspace, palette, device, what the machine uses, and running jobs.
import { Tooltip } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { Link } from '@tanstack/react-router'
import { isActive } from '../../shared/jobs/state.ts'
import { fractionOf } from '../../shared/jobs/progress.ts'
import { formatBytes } from '../../shared/units.ts'
import { copy } from '../state/actions.ts'
import { useApp } from '../state/app.ts'
import { modKey } from './keys.ts'

export function TopBar() {
  const host = useApp((state) => state.host)
  return (
    <header className="top">
      <Link to="/jobs" className="brand">
        <img src="./icon.svg" width={20} height={20} alt="" />
        Monoscope
      </Link>
      {host && (
        <Tooltip label={`Workspace ${host.workspace.path} (click to copy)`}>
          <button type="button" className="pill" onClick={() => void copy(host.workspace.path, 'Path')}>
            {host.workspace.name}
          </button>
        </Tooltip>
      )}
      <button type="button" className="search" onClick={() => spotlight.open()}>
        <span>Search pages, jobs, commands…</span>
        <kbd>{modKey} K</kbd>
      </button>
      <MachineUse />
      {host && (
        <Link to="/device" className="pill">
          <span className="dot" />
          {host.device}
        </Link>
      )}
      <JobsPill />
    </header>
  )
}

function MachineUse() {
  const machine = useApp((state) => state.machine)
  const cores = useApp((state) => state.host?.machine.cores)
  if (!machine || !cores || machine.machineMemoryUsed === null || machine.machineMemoryTotal === null)
    return null
  const cpu = machine.machineCpu === null ? '–' : `${Math.round(machine.machineCpu / cores)} %`
  const memory = `${formatBytes(machine.machineMemoryUsed)} of ${formatBytes(machine.machineMemoryTotal)}`
  return (
    <Tooltip label={`Processor ${cpu} of ${cores} cores, memory ${memory}`}>
      <span className="pill wide">
        CPU {cpu} · {formatBytes(machine.machineMemoryUsed)}
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
    <Link to="/jobs" className="pill">
      {active.length === 1 ? '1 job' : `${active.length} jobs`}
      {fraction !== null && ` · ${Math.floor(fraction * 100)} %`}
    </Link>
  )
}
