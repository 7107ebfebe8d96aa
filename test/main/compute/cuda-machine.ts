// A made-up machine for tests of the CUDA set-up: its driver, its folders, and the job run in this process.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ProgressMeter } from '../../../src/main/compute/meter.ts'
import { type JobContext, Stopped } from '../../../src/main/compute/job-runner.ts'
import { setUpCuda } from '../../../src/main/compute/setup-cuda-job.ts'
import { startDevice } from '../../../src/main/host/device-probe.ts'
import { libraryPath } from '../../../src/main/onnx/cuda/runtime.ts'
import { providerSource } from '../../../src/main/onnx/cuda/provider.ts'
import { jobKinds, type JobParams } from '../../../src/shared/jobs/kinds.ts'
import type { Progress } from '../../../src/shared/jobs/progress.ts'
import { builtCompute } from '../../helpers/built.ts'
import { tinyElf } from '../../helpers/elf.ts'
import { workspaceAt } from '../../../src/main/store/workspace.ts'
import { setEnvironment } from '../../helpers/environment.ts'
import { type FakeDriver, withDriver } from '../../helpers/nvidia-smi.ts'
import { nupkg } from '../../helpers/nupkg.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

export const { version } = providerSource()
export const CUDA = 'libonnxruntime_providers_cuda.so'
export const SHARED = 'libonnxruntime_providers_shared.so'
/** The way to any provider: onnxruntime loads it first, and calls this. */
export const bridge = tinyElf(['libc.so.6'], { functions: ['Provider_SetHost'] })
/** The loader sees in them what it sees in real ones; they have no code. */
export const needs13 = tinyElf(['libcublasLt.so.13', 'libcudart.so.13', 'libc.so.6'])
export const needs12 = tinyElf(['libcublas.so.12', 'libcudart.so.12', 'libcudnn.so.9'])
/** Files in a runtime folder with the provider, sorted. */
export const complete = [
  'cuda-provider.json',
  'libonnxruntime.so.1',
  CUDA,
  SHARED,
  'onnxruntime_binding.node',
].sort()

/** A package with `provider`; its entries named `damaged` are. */
export function packageWith(provider: Buffer, of = version, damaged: string[] = []): Buffer {
  return nupkg({ [SHARED]: bridge, [CUDA]: provider }, of, damaged)
}

/** A machine with this driver; the runtime folder, the cache and the home are the test's own. */
export async function machine(driver: FakeDriver | null) {
  const root = await temporaryFolder()
  const runtime = join(root, 'runtime')
  const { PATH = '' } = await withDriver(root, driver)
  setEnvironment({
    // without a driver the rest of the PATH could still have one
    PATH: driver ? PATH : join(root, 'bin'),
    HOME: root,
    XDG_CACHE_HOME: join(root, 'cache'),
    MONOSCOPE_RUNTIME: runtime,
  })
  return { root, runtime, cache: join(root, 'cache', 'monoscope') }
}

/** Runs the job; it is asked to stop once it shows the step `stopAt`. */
export async function setUp(params: JobParams<'setup-cuda'>, stopAt?: string) {
  const log: string[] = []
  const shown: Progress[] = []
  let stopping = false
  const context: JobContext = {
    folder: '/unused',
    workspace: workspaceAt('/unused'),
    hub: null,
    devices: [],
    progress: new ProgressMeter(jobKinds['setup-cuda'].steps(params), (progress) => {
      shown.push(progress)
      stopping ||= 'step' in progress && progress.step === stopAt
    }),
    checkpoint: () => (stopping ? Promise.reject(new Stopped('cancelled')) : Promise.resolve()),
    get stopping() {
      return stopping
    },
    log: (_level, text) => void log.push(text),
    artifact: () => undefined,
    show: () => undefined,
    startDevice: async (device, libraryFolders) => {
      const unavailable = await startDevice(device, {
        launch: builtCompute(),
        env: libraryPath(libraryFolders),
      })
      return unavailable?.reason ?? null
    },
  }
  const result = jobKinds['setup-cuda'].result.parse(await setUpCuda(params, context))
  context.progress.finished()
  return { result, log, shown }
}

export async function filesIn(folder: string): Promise<string[]> {
  return existsSync(folder) ? (await readdir(folder)).sort() : []
}
