// One probe of one device in a process of its own, so that a provider that crashes or hangs takes nothing with it.
import { computeContract } from '../../shared/contract/compute.ts'
import type { Device, Numerics } from '../../shared/devices.ts'
import { Client } from '../../shared/wire/client.ts'
import { exactProducts } from '../onnx/device.ts'
import { explainUnavailable, type Unavailable, wrongNumbers } from '../onnx/unavailable.ts'
import type { LaunchCompute, ProcessExit } from './launcher.ts'

/** What a probe found; `numerics` is null when the device did not get that far. */
export interface Probed {
  readonly numerics: Numerics | null
  /** Null when the device can be used. */
  readonly unavailable: Unavailable | null
}

export interface ProbeOptions {
  readonly launch: LaunchCompute
  /** Added to the environment of the process. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds one check may take before the process counts as hanging and is ended. */
  readonly patience?: number
  readonly onChecking?: (title: string) => void
  /** Ends the process; the probe is then unavailable like after any other death. */
  readonly signal?: AbortSignal
}

/** Software Vulkan on a busy machine takes its time to compile, and so does a machine's first CUDA session. */
const PATIENCE = 180_000
const LINES_KEPT = 100

/** What a process said of a device; `numerics` is null when it was only started. */
type Answer = { readonly numerics: Numerics | null } | { readonly unavailable: Unavailable }

/** Never rejects: whatever happens is a reason why the device cannot be used. */
export async function probeDevice(device: Device, options: ProbeOptions): Promise<Probed> {
  const answer = await ask({ device, numbers: true }, options)
  if ('unavailable' in answer) return { numerics: null, unavailable: answer.unavailable }
  const { numerics } = answer
  return { numerics, unavailable: numerics && verdict(numerics) }
}

/** Whether work runs on the device at all: null, or why not. Never rejects. */
export async function startDevice(device: Device, options: ProbeOptions): Promise<Unavailable | null> {
  const answer = await ask({ device, numbers: false }, options)
  return 'unavailable' in answer ? answer.unavailable : null
}

function ask(
  order: { readonly device: Device; readonly numbers: boolean },
  options: ProbeOptions,
): Promise<Answer> {
  const { device } = order
  const { launch, env, patience = PATIENCE, onChecking, signal } = options
  const process = launch(`probe-${device.id.replace(':', '-')}`, { ...exactProducts, ...env })
  const lines: string[] = []
  let checking = 'starting the process'
  let hangs = false
  let heard: { readonly numerics: Numerics | null } | { readonly message: string } | undefined
  const client = new Client(computeContract, process.port, { app: 'Monoscope host' })

  return new Promise((resolve) => {
    const kill = () => process.kill()
    const hanging = setTimeout(() => {
      hangs = true
      kill()
    }, patience)
    signal?.addEventListener('abort', kill, { once: true })
    if (signal?.aborted) kill()
    process.onLine(() => undefined)
    process.onErrorLine((line) => {
      lines.push(line)
      if (lines.length > LINES_KEPT) lines.shift()
    })
    client.subscribe('device.probe', order, {
      state: (_none, event) => {
        if (!event) return
        hanging.refresh()
        if (event.type === 'checking') {
          checking = event.title
          onChecking?.(checking)
        } else if (event.type === 'failed') heard = { message: event.message }
        else heard = { numerics: event.type === 'numerics' ? event.numerics : null }
      },
      // it has answered, or cannot any more
      end: (error) => {
        if (error && error.code !== 'wire/closed') heard ??= { message: error.message }
        kill()
      },
    })
    process.onExit((exit) => {
      clearTimeout(hanging)
      signal?.removeEventListener('abort', kill)
      client.close()
      if (heard && 'numerics' in heard) return resolve(heard)
      if (heard) return resolve({ unavailable: explainUnavailable(device, heard.message, lines.join('\n')) })
      const why = hangs
        ? `Its probe hung for ${patience / 1000} s (${checking}) and was ended.`
        : `The process that probed it ended (${howEnded(exit)}) while at: ${checking}.`
      const text = 'Update its driver, and probe again; until then it is not used.'
      resolve({ unavailable: { reason: why, fix: { text, action: 'probe' } } })
    })
  })
}

/** Why a device with these numbers is not used; null when it may be. */
export function verdict(numerics: Numerics): Unavailable | null {
  if (numerics.float32) return null
  const failed = numerics.checks.filter(({ state }) => state !== 'passed').map(({ title }) => title)
  return wrongNumbers(failed)
}

function howEnded({ code, signal }: ProcessExit): string {
  return signal ?? `exit code ${code ?? 'unknown'}`
}
