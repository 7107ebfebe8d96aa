// The machine Monoscope runs on: what it has, and what of it is in use right now.
import { Title } from '@mantine/core'
import { formatBytes, formatPercent } from '../../shared/units.ts'
import { useApp } from '../state/app.ts'
import { Fact, Facts } from '../ui/facts.tsx'
import { Meter } from '../ui/meter.tsx'
import { PageHead } from '../ui/page-head.tsx'

export function DevicePage() {
  const host = useApp((state) => state.host)
  if (!host) return null
  const { machine, workspace } = host
  return (
    <div className="page">
      <PageHead title="Device" note="What this machine has to work with." />
      <div className="columns">
        <section className="card">
          <Title order={2}>Machine</Title>
          <Facts>
            <Fact name="computer" value={machine.hostname} />
            <Fact name="system" value={machine.platform} />
            <Fact name="processor" value={`${machine.cpu}, ${machine.cores} cores`} />
            <Fact name="memory" value={formatBytes(machine.memory)} />
            <Fact
              name="free on the workspace’s disk"
              value={workspace.freeBytes === null ? 'unknown' : formatBytes(workspace.freeBytes)}
            />
            <Fact name="heavy work runs on" value={host.device} />
          </Facts>
        </section>
        <section className="card">
          <Title order={2}>In use right now</Title>
          <InUse cores={machine.cores} />
        </section>
      </div>
    </div>
  )
}

function InUse({ cores }: { readonly cores: number }) {
  const machine = useApp((state) => state.machine)
  if (!machine) return null
  const { machineCpu, machineMemoryUsed, machineMemoryTotal, gpuUse, machineVramUsed, machineVramTotal } =
    machine
  return (
    <div className="meters">
      <Share name="Processor" fraction={machineCpu === null ? null : machineCpu / cores / 100} />
      <Amount name="Memory" used={machineMemoryUsed} total={machineMemoryTotal} />
      {gpuUse !== null && <Share name="GPU" fraction={gpuUse / 100} />}
      {machineVramTotal !== null && (
        <Amount name="GPU memory" used={machineVramUsed} total={machineVramTotal} />
      )}
    </div>
  )
}

function Share({ name, fraction }: { readonly name: string; readonly fraction: number | null }) {
  const text = fraction === null ? 'unknown' : formatPercent(fraction)
  return <Meter name={name} fraction={fraction} text={text} wordy />
}

interface AmountProps {
  readonly name: string
  /** Bytes; null when unknown. */
  readonly used: number | null
  readonly total: number | null
}

function Amount({ name, used, total }: AmountProps) {
  if (used === null || total === null || total === 0)
    return <Meter name={name} fraction={null} text="unknown" wordy />
  const text = `${formatBytes(used)} of ${formatBytes(total)}`
  return <Meter name={name} fraction={used / total} text={text} wordy warns />
}
