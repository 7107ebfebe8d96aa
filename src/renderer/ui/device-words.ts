// Devices in words: where work runs, what state a device is in, what its checks came to; pure.
import { type DeviceStatus, type DevicesState, isSlow, type Lowering } from '../../shared/devices.ts'
import { formatNumber } from '../../shared/units.ts'

/** Some device is yet to answer, so work that needs one waits. */
export function isProbing({ devices }: DevicesState): boolean {
  return devices.length === 0 || devices.some(({ state }) => state === 'waiting' || state === 'probing')
}

interface WorkPlace {
  readonly name: string
  readonly sentence: string
  /** All devices have answered, and one of them can be used. */
  readonly known: boolean
}

/** Where heavy work runs; null as long as the host has not told. */
export function workPlace(state: DevicesState | null): WorkPlace {
  if (!state || isProbing(state)) {
    const sentence = 'The devices are being probed; heavy work waits for that'
    return { name: 'probing…', sentence, known: false }
  }
  const device = state.devices.find(({ id }) => id === state.chosen)
  return device
    ? { name: device.name, sentence: `Heavy work runs on ${device.name}`, known: true }
    : { name: 'no device', sentence: 'No device here can be used', known: false }
}

export const stateWords: Readonly<Record<DeviceStatus['state'], string>> = {
  waiting: 'waiting',
  probing: 'being probed',
  usable: 'usable',
  unusable: 'cannot be used',
}

/** "139 GFLOP/s", and whether the CPU is faster; empty before the device has answered. */
export function speedWords(device: DeviceStatus, devices: readonly DeviceStatus[]): string {
  if (!device.numerics) return ''
  const speed = `${formatNumber(device.numerics.gflops)} GFLOP/s`
  return isSlow(device, devices) ? `${speed}, slower than the CPU: used only when it is chosen` : speed
}

const loweringWords: Readonly<Record<Lowering, string>> = {
  fused: 'the provider’s own kernel',
  'spelled-out': 'products and a softmax',
}

/** Which lowering of attention was chosen. */
export function attentionWords(lowering: Lowering | null): string {
  return lowering === null ? 'neither lowering passed' : loweringWords[lowering]
}

/** "11 of 11 calculations agree with the CPU’s". */
export function checksWords({ provider, numerics }: DeviceStatus): string {
  const checks = numerics?.checks ?? []
  const passed = checks.filter(({ state }) => state === 'passed').length
  return provider === 'cpu'
    ? `${passed} of ${checks.length} reference calculations passed`
    : `${passed} of ${checks.length} calculations agree with the CPU’s`
}
