// One device: whether it can be used and why not, what helps, and what its probe found.
import { Progress, Title } from '@mantine/core'
import type { DeviceStatus, DevicesState } from '../../../shared/devices.ts'
import { formatBytes } from '../../../shared/units.ts'
import { attentionWords, isProbing, speedWords, stateWords } from '../../ui/device-words.ts'
import { Fact, Facts } from '../../ui/facts.tsx'
import { formatTime } from '../../ui/job-words.ts'
import { DeviceChecks } from './device-checks.tsx'
import { DeviceFix } from './device-fix.tsx'

interface DeviceCardProps {
  readonly device: DeviceStatus
  readonly state: DevicesState
}

export function DeviceCard({ device, state: all }: DeviceCardProps) {
  const { id, name, state, reason, fix, numerics } = device
  const chosen = id === all.chosen && !isProbing(all)
  // one set-up serves all GPUs
  const first = all.devices.find((other) => other.fix?.action === 'setup-cuda')
  return (
    <section className="card device" aria-label={name}>
      <div className="device-head">
        <Title order={2}>{name}</Title>
        {name.toLowerCase() !== id && <span className="muted mono">{id}</span>}
        <span className="state" data-state={state}>
          {stateWords[state]}
        </span>
        {chosen && <span className="end tag">work runs here</span>}
      </div>
      {state === 'waiting' && (
        <p className="muted">Waits for its turn: devices are probed one after the other.</p>
      )}
      {state === 'probing' && <Probing name={name} checking={device.checking ?? ''} />}
      {reason !== null && <p className="wrap">{reason}</p>}
      {fix && <DeviceFix fix={fix} hasButtonAbove={fix.action === 'setup-cuda' && first?.id !== id} />}
      <DeviceFacts device={device} all={all} />
      {numerics && <DeviceChecks device={device} numerics={numerics} />}
    </section>
  )
}

function Probing({ name, checking }: { readonly name: string; readonly checking: string }) {
  return (
    <div>
      <Progress.Root size={4}>
        <Progress.Section
          value={100}
          animated
          striped
          aria-label={`Probe of ${name}`}
          aria-valuetext={checking}
        />
      </Progress.Root>
      <p className="muted">
        {checking} · in a process of its own; on a GPU in software this takes half a minute or more.
      </p>
    </div>
  )
}

function DeviceFacts({ device, all }: { readonly device: DeviceStatus; readonly all: DevicesState }) {
  const { provider, memory, driver, numerics, probedAt } = device
  if (memory === null && driver === null && probedAt === null) return null
  return (
    <Facts>
      {memory !== null && <Fact name="memory" value={formatBytes(memory)} />}
      {driver !== null && <Fact name="driver" value={driver} />}
      {numerics && (
        <>
          <Fact name="speed" value={speedWords(device, all.devices)} />
          <Fact name="attention, float32" value={attentionWords(numerics.attention.float32)} />
          {numerics.float16 !== null && (
            <Fact name="attention, float16" value={attentionWords(numerics.attention.float16)} />
          )}
          <Fact name="float16" value={float16Words(provider, numerics.float16)} />
        </>
      )}
      {probedAt !== null && <Fact name="probed" value={formatTime(probedAt)} />}
    </Facts>
  )
}

function float16Words(provider: DeviceStatus['provider'], float16: boolean | null): string {
  if (float16 !== null) return float16 ? 'agrees with the CPU' : 'differs from the CPU, so it is not used'
  return provider === 'cpu' ? 'not used on a processor' : 'not offered by the device'
}
