// Where operations really ran: a session's profile, read back.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Device } from '../../shared/devices.ts'

/** An operation that ran, and the provider that ran it, in onnxruntime's words. */
interface Placed {
  readonly op: string
  readonly provider: string
  /** Of all its runs together. */
  readonly seconds: number
}

const providers = {
  cuda: 'CUDAExecutionProvider',
  webgpu: 'WebGpuExecutionProvider',
  cpu: 'CPUExecutionProvider',
} as const

/** Lets `work` write a profile at the prefix it is given, and resolves to the operations that ran, each once. */
export async function profiled(work: (prefix: string) => Promise<void>): Promise<Placed[]> {
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-profile-'))
  try {
    await work(join(folder, 'run'))
    const placed = new Map<string, Placed>()
    for (const name of await readdir(folder)) {
      for (const event of JSON.parse(await readFile(join(folder, name), 'utf8')) as ProfileEvent[]) {
        const { op_name: op, provider } = event.args ?? {}
        if (event.cat !== 'Node' || !op || !provider) continue
        const key = `${op} ${provider}`
        placed.set(key, { op, provider, seconds: (placed.get(key)?.seconds ?? 0) + event.dur / 1e6 })
      }
    }
    return [...placed.values()]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface ProfileEvent {
  readonly cat: string
  /** Microseconds. */
  readonly dur: number
  readonly args?: { readonly op_name?: string; readonly provider?: string }
}

/** The operations that ran anywhere but on the device. */
export function elsewhere(placed: readonly Placed[], { provider }: Device): string[] {
  return placed.filter((one) => one.provider !== providers[provider]).map(({ op }) => op)
}
