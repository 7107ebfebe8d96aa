// The machine under the devices: what it has, the software that calculates on it, and what of it is in use.
import { Title } from '@mantine/core'
import { formatBytes, formatPercent } from '../../../shared/units.ts'
import { useApp } from '../../state/app.ts'
import { useCall } from '../../state/use-call.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { Meter } from '../../ui/meter.tsx'

export function DeviceMachine() {
  const host = useApp((state) => state.host)
  const platform = useCall('devices.platform', undefined).output
  if (!host) return null
  const { machine, workspace } = host
  return (
    <section className="card">
      <Title order={2}>Machine</Title>
      <Facts>
        <Fact name="computer" value={machine.hostname} />
        <Fact name="system" value={machine.platform} />
        <Fact name="processor" value={`${machine.cpu}, ${machine.cores} cores`} />
        <Fact name="memory" value={formatBytes(machine.memory)} />
        <Fact
          name="free on disk"
          value={workspace.freeBytes === null ? 'unknown' : formatBytes(workspace.freeBytes)}
        />
        {platform && (
          <>
            <Fact name="onnxruntime" value={platform.onnxruntime} />
            <Fact name="Node" value={platform.node} />
            {platform.electron !== null && <Fact name="Electron" value={platform.electron} />}
            {platform.gpus.map(({ index, name, memory, driver }) => (
              <Fact
                key={index}
                name={`GPU ${index}`}
                value={[name, memory !== null && formatBytes(memory), driver !== null && `driver ${driver}`]
                  .filter(Boolean)
                  .join(', ')}
              />
            ))}
            <Fact
              name="CUDA"
              value={platform.cuda === null ? 'no NVIDIA driver' : `the driver runs up to ${platform.cuda}`}
            />
            <Fact
              name="CUDA libraries"
              value={platform.libraries.join(', ') || 'none that the system’s loader knows'}
            />
          </>
        )}
      </Facts>
    </section>
  )
}

export function DeviceUse() {
  const cores = useApp((state) => state.host?.machine.cores)
  const machine = useApp((state) => state.machine)
  if (!machine || !cores) return null
  const { machineCpu, machineMemoryUsed, machineMemoryTotal, gpuUse, machineVramUsed, machineVramTotal } =
    machine
  return (
    <section className="card">
      <Title order={2}>In use right now</Title>
      <div className="meters">
        <Share name="Processor" fraction={machineCpu === null ? null : machineCpu / cores / 100} />
        <Amount name="Memory" used={machineMemoryUsed} total={machineMemoryTotal} />
        {gpuUse !== null && <Share name="GPU" fraction={gpuUse / 100} />}
        {machineVramTotal !== null && (
          <Amount name="GPU memory" used={machineVramUsed} total={machineVramTotal} />
        )}
      </div>
    </section>
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
