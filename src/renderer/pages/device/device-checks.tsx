// The calculations of a device held against the CPU's: each with its error, and what was left to the CPU.
import { useState } from 'react'
import type { DeviceCheck, DeviceStatus, Numerics } from '../../../shared/devices.ts'
import { checksWords } from '../../ui/device-words.ts'

interface DeviceChecksProps {
  readonly device: DeviceStatus
  readonly numerics: Numerics
}

export function DeviceChecks({ device, numerics }: DeviceChecksProps) {
  // what a device cannot be used for is read without a click
  const [opened, setOpened] = useState(device.state === 'unusable')
  const { checks } = numerics
  return (
    <details open={opened} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary className="muted">{checksWords(device)}</summary>
      {opened && (
        <div className="scroll" tabIndex={0} role="region" aria-label={`Checks of ${device.name}`}>
          <table className="numbers checks">
            <thead>
              <tr>
                <th scope="col">Calculation</th>
                <th scope="col">Result</th>
                <th scope="col">Error</th>
                <th scope="col">Tolerance</th>
              </tr>
            </thead>
            <tbody>
              {checks.map((check) => (
                <CheckRow key={check.id} check={check} />
              ))}
            </tbody>
          </table>
          <p className="muted fine">
            Error: the largest difference, divided by the CPU’s largest number.
            {device.provider === 'cpu' &&
              ' On the CPU itself the provider’s attention is held against products and a softmax.'}
          </p>
        </div>
      )}
    </details>
  )
}

function CheckRow({ check }: { readonly check: DeviceCheck }) {
  const { title, state, error, tolerance, note, onCpu } = check
  return (
    <tr>
      <th scope="row">
        {title}
        {note !== null && <div className="muted fine wrap">{note}</div>}
        {onCpu.length > 0 && <div className="muted fine wrap">Left to the CPU: {onCpu.join(', ')}.</div>}
      </th>
      <td>
        <span className="state" data-state={state}>
          {state}
        </span>
      </td>
      <td>{error === null ? '–' : errorText(error)}</td>
      <td>{scientific(tolerance)}</td>
    </tr>
  )
}

/** Not-a-number counts as the largest number there is. */
function errorText(error: number): string {
  return error > 1e300 ? 'not a number' : error === 0 ? '0' : scientific(error)
}

function scientific(value: number): string {
  return value.toExponential(1).replace('-', '−')
}
