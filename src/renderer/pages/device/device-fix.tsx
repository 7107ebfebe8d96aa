// What would make a device usable: said, as a command to copy, and as a button where the app can do it itself.
import { Button } from '@mantine/core'
import type { Fix } from '../../../shared/devices.ts'
import { isActive } from '../../../shared/jobs/state.ts'
import { act } from '../../state/actions.ts'
import { useApp, useNewestJob } from '../../state/app.ts'
import { isProbing } from '../../ui/device-words.ts'
import { CommandLine } from './command-line.tsx'

interface DeviceFixProps {
  readonly fix: Fix
  /** An earlier device has the button for the same job. */
  readonly hasButtonAbove: boolean
}

export function DeviceFix({ fix, hasButtonAbove }: DeviceFixProps) {
  const { text, command, action } = fix
  const probing = useApp(({ devices }) => !devices || isProbing(devices))
  return (
    <div className="fix">
      <div>
        <p className="muted wrap">{text}</p>
        {command !== undefined && <CommandLine command={command} />}
      </div>
      {action === 'probe' && (
        <Button disabled={probing} onClick={() => void act('devices.probe', undefined)}>
          Probe again
        </Button>
      )}
      {action === 'setup-cuda' && !hasButtonAbove && <SetUpCuda />}
    </div>
  )
}

/** Its progress stands above the devices. */
function SetUpCuda() {
  const job = useNewestJob('setup-cuda')
  return (
    <Button
      variant="filled"
      loading={job !== undefined && isActive(job.state)}
      onClick={() => void act('jobs.start', { kind: 'setup-cuda', params: {} })}
    >
      Set up CUDA
    </Button>
  )
}
