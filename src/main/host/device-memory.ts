// What probes found, remembered in the workspace for as long as device, driver, onnxruntime and the checks stay the same.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { numericsSchema, type Numerics } from '../../shared/devices.ts'
import { NUMERICS_VERSION } from '../onnx/numerics-version.ts'
import { onnxruntimeVersion } from '../onnx/version.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import type { Workspace } from '../store/workspace.ts'
import type { Candidate } from './device-list.ts'

const recordSchema = z.object({ numerics: numericsSchema, probedAt: z.number() })
const fileSchema = z.record(z.string(), recordSchema)
type Remembered = z.infer<typeof recordSchema>

export class DeviceMemory {
  readonly #path: string
  #records: Record<string, Remembered> | undefined

  constructor(workspace: Workspace) {
    this.#path = join(workspace.path, 'devices.json')
  }

  /** Null when it was never probed like this. A file that cannot be read is as none. */
  async recall(candidate: Candidate): Promise<Remembered | null> {
    return (await this.#read())[keyOf(candidate)] ?? null
  }

  /** Throws `disk/…`. */
  async keep(candidate: Candidate, numerics: Numerics, probedAt: number): Promise<void> {
    const records = await this.#read()
    // an older driver does not come back
    const others = Object.entries(records).filter(([key]) => !key.startsWith(`${candidate.device.id} `))
    this.#records = { ...Object.fromEntries(others), [keyOf(candidate)]: { numerics, probedAt } }
    await writeFileAtomic(this.#path, `${JSON.stringify(this.#records)}\n`)
  }

  async #read(): Promise<Record<string, Remembered>> {
    if (this.#records) return this.#records
    const text = await readFile(this.#path, 'utf8').catch(() => '{}')
    try {
      this.#records = fileSchema.parse(JSON.parse(text))
    } catch {
      this.#records = {}
    }
    return this.#records
  }
}

function keyOf({ device, fingerprint }: Candidate): string {
  const { id, name } = device
  return `${id} ${name} | ${fingerprint} | onnxruntime ${onnxruntimeVersion} | checks ${NUMERICS_VERSION}`
}
