// The machine Monoscope runs on: which of its devices calculate rightly, which one is used, and how fast they are.
import { Button } from '@mantine/core'
import { act } from '../../state/actions.ts'
import { useApp } from '../../state/app.ts'
import { isProbing } from '../../ui/device-words.ts'
import { PageHead } from '../../ui/page-head.tsx'
import { DeviceBenchmark } from './device-benchmark.tsx'
import { DeviceCard } from './device-card.tsx'
import { DeviceChoice } from './device-choice.tsx'
import { DeviceCuda } from './device-cuda.tsx'
import { DeviceMachine, DeviceUse } from './device-machine.tsx'

export function DevicePage() {
  const state = useApp(({ devices }) => devices)
  const probing = !state || isProbing(state)
  return (
    <div className="page">
      <PageHead title="Device" note="No device is used before its numbers agree with the CPU’s.">
        <Button disabled={probing} onClick={() => void act('devices.probe', undefined)}>
          {probing ? 'Probing…' : 'Probe all again'}
        </Button>
      </PageHead>
      <div className="device-columns">
        <div className="stacked">
          <DeviceCuda />
          {!state || state.devices.length === 0 ? (
            <p className="card muted">Looking for devices…</p>
          ) : (
            state.devices.map((device) => <DeviceCard key={device.id} device={device} state={state} />)
          )}
          {state && <DeviceBenchmark state={state} />}
        </div>
        <div className="stacked">
          {state && <DeviceChoice state={state} />}
          <DeviceUse />
          <DeviceMachine />
        </div>
      </div>
    </div>
  )
}
