// Which device heavy work runs on: the best that passed, or one a person chose.
import { Radio, Stack, Title } from '@mantine/core'
import { type DevicesState, preferred } from '../../../shared/devices.ts'
import { act } from '../../state/actions.ts'
import { isProbing, speedWords } from '../../ui/device-words.ts'

export function DeviceChoice({ state }: { readonly state: DevicesState }) {
  const { devices, choice } = state
  const probing = isProbing(state)
  const usable = devices.filter((device) => device.state === 'usable')
  const best = preferred(devices)
  const lost = !probing && choice !== 'auto' && !usable.some(({ id }) => id === choice)
  return (
    <section className="card choice">
      <Radio.Group
        label={<Title order={2}>Heavy work runs on</Title>}
        value={choice}
        onChange={(id) => void act('devices.choose', { id })}
      >
        <Stack gap="xs">
          <Radio
            size="xs"
            value="auto"
            label="Auto"
            disabled={probing}
            description={
              probing
                ? 'Waits until every device has answered.'
                : `The first of CUDA, WebGPU and CPU that passed and is not slower than the CPU: now ${best?.name ?? 'none'}.`
            }
          />
          {usable.map((device) => (
            <Radio
              key={device.id}
              size="xs"
              value={device.id}
              label={device.name}
              disabled={probing}
              description={speedWords(device, devices)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {lost && (
        <p role="status">
          <span className="mono">{choice}</span> was chosen and cannot be used now; work runs as with Auto.
        </p>
      )}
    </section>
  )
}
