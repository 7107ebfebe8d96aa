// Which devices this machine may have, and what tells one state of their drivers from another.
import { readdir, stat } from 'node:fs/promises'
import { release } from 'node:os'
import { basename, join } from 'node:path'
import type { Device } from '../../shared/devices.ts'
import { type Driver, findDriver } from '../onnx/cuda/driver.ts'
import { cpu } from '../onnx/device.ts'
import type { Unavailable } from '../onnx/unavailable.ts'

export interface Candidate {
  readonly device: Device
  readonly memory: number | null
  readonly driver: string | null
  /** Changes whenever the driver may have: numbers found with another one say nothing. */
  readonly fingerprint: string
  /** Known without a probe. */
  readonly unavailable: Unavailable | null
}

/** In the order of preference: CUDA, WebGPU, CPU. Never rejects. */
export async function listCandidates(): Promise<Candidate[]> {
  const driver = await findDriver()
  const webgpu: Candidate = {
    device: { id: 'webgpu', provider: 'webgpu', name: 'WebGPU' },
    memory: null,
    driver: null,
    fingerprint: [release(), driver.version ?? '', ...(await vulkanDrivers())].join(' '),
    unavailable: null,
  }
  const processor = { device: cpu, memory: null, driver: null, fingerprint: '', unavailable: null }
  return [...cudaCandidates(driver), webgpu, processor]
}

function cudaCandidates({ version, gpus, problem }: Driver): Candidate[] {
  const candidate = (id: string, name: string): Candidate => ({
    device: { id, provider: 'cuda', name },
    memory: null,
    driver: version,
    fingerprint: version ?? '',
    unavailable: null,
  })
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    const reason = 'onnxruntime for Node has CUDA on Linux with an x86-64 processor only.'
    return [{ ...candidate('cuda:0', 'CUDA'), unavailable: { reason, fix: null } }]
  }
  if (problem) {
    const fix = { text: problem.hint, action: 'probe' as const }
    return [{ ...candidate('cuda:0', 'CUDA'), unavailable: { reason: problem.message, fix } }]
  }
  return gpus.map((gpu) => ({ ...candidate(`cuda:${gpu.index}`, gpu.name), memory: gpu.memory }))
}

/** "nvidia_icd.json 1700000000000" for each Vulkan driver the loader would find on Linux. */
async function vulkanDrivers(): Promise<string[]> {
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES
  const files = named
    ? named.split(':')
    : (await Promise.all(['/etc/vulkan/icd.d', '/usr/share/vulkan/icd.d'].map(filesIn))).flat()
  return Promise.all(
    files.map(async (file) => {
      const changed = await stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      )
      return `${basename(file)} ${changed}`
    }),
  )
}

function filesIn(folder: string): Promise<string[]> {
  return readdir(folder).then(
    (names) => names.sort().map((name) => join(folder, name)),
    () => [],
  )
}
