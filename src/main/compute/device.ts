// The device a job's work runs on.
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { JobContext } from './job-runner.ts'

/** The chosen one; throws `device/none`. */
export function chosenDevice({ devices }: Pick<JobContext, 'devices'>): UsableDevice {
  const [device] = devices
  if (device) return device
  throw noDevice()
}

/** Where none of the machine's devices works. */
export function noDevice(): Error {
  return expected('device/none', 'No device here can be used.', 'The Device page says why, and what helps.')
}
