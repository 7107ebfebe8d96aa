// The CUDA provider tried where it was placed: whether it works, and if not, which libraries and packages are missing.
import { dirname, join } from 'node:path'
import type { Device } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { JobResult } from '../../shared/jobs/kinds.ts'
import { type Driver, driverProblem, type Problem } from '../onnx/cuda/driver.ts'
import {
  type LibraryPlaces,
  libraryPlaces,
  type NeededLibrary,
  neededLibraries,
  versionOf,
} from '../onnx/cuda/libraries.ts'
import { installCommands } from '../onnx/cuda/packages.ts'
import { placedIn } from '../onnx/cuda/place.ts'
import { platformProblem, PROVIDER, providerCuda, providerSource } from '../onnx/cuda/provider.ts'
import { cudaLibraryFolders, type Runtime } from '../onnx/cuda/runtime.ts'
import { cpu } from '../onnx/device.ts'
import type { JobContext } from './job-runner.ts'

type Result = JobResult<'setup-cuda'>

interface Verdict {
  readonly result: Result
  /** False when nothing that can be installed would make this provider work. */
  readonly keeps: boolean
  readonly libraryFolders: readonly string[]
}

/** Opened by the provider while it runs, so that its own list does not name it. */
const OPENED_LATER = ['libcudnn.so.9']
const DRIVER_LIBRARY = 'libcuda.so.1'
/** Looks at what is placed, and tries it; throws `cuda/broke-cpu` when even the processor does not work any more. */
export async function tryOut(
  runtime: Runtime,
  driver: Driver,
  checkedBy: Result['checkedBy'],
  { progress, log, startDevice }: JobContext,
): Promise<Verdict> {
  const provider = join(runtime.folder, PROVIDER)
  const major = await providerCuda(provider)
  const libraries = await neededLibraries(provider, await placesToday(), OPENED_LATER)
  const missing = libraries.filter(({ path }) => path === null).map(({ name }) => name)
  const libraryFolders = [...new Set(libraries.flatMap((library) => folderToName(library)))]
  for (const folder of libraryFolders) log('info', `CUDA libraries are taken from ${folder}.`)

  progress.working('Probing', 'devices', 0, 2)
  const brokeCpu = await startDevice(cpu, libraryFolders)
  if (brokeCpu !== null) {
    throw expected(
      'cuda/broke-cpu',
      `With the provider in place onnxruntime does not start: ${brokeCpu}`,
      'All is as it was before.',
    )
  }
  progress.working('Probing', 'devices', 1, 2)
  const refusal = await startDevice(firstGpu(driver), libraryFolders)
  progress.working('Probing', 'devices', 2, 2)

  const blocked = driverProblem(driver, major) ?? missingProblem(missing)
  const ok = refusal === null
  const problem = ok ? null : (blocked ?? { message: refusal, hint: 'The log of the job has the details.' })
  const versionOfLibrary = async (start: string) => {
    const found = libraries.find(({ name }) => name.startsWith(start))
    return found ? versionOf(found) : null
  }
  if (!ok) log('warn', `CUDA does not work yet. ${refusal}`)
  return {
    keeps: ok || blocked !== null,
    libraryFolders,
    result: {
      ...without(problem, driver),
      ok,
      provider,
      cuda: await versionOfLibrary('libcudart.'),
      cudnn: await versionOfLibrary('libcudnn.'),
      cudaNeeded: major,
      missing,
      commands: installCommands(missing, major, driver.cuda),
      checkedBy,
      sha256: (await placedIn(runtime.folder))?.files[PROVIDER] ?? null,
    },
  }
}

function firstGpu({ gpus: [gpu] }: Driver): Device {
  return { id: `cuda:${gpu?.index ?? 0}`, provider: 'cuda', name: gpu?.name ?? 'CUDA' }
}

function missingProblem(missing: readonly string[]): Problem | null {
  if (missing.length === 0) return null
  const install = 'Install them with one of the commands given, then run this again.'
  // it comes with no package: a machine whose driver answers has it, a container must be given it
  const driver =
    'libcuda.so.1 belongs to the driver; a container gets it with NVIDIA_DRIVER_CAPABILITIES=compute,utility.'
  const hints = [
    ...(missing.some((name) => name !== DRIVER_LIBRARY) ? [install] : []),
    ...(missing.includes(DRIVER_LIBRARY) ? [driver] : []),
  ]
  return { message: `Libraries are missing: ${missing.join(', ')}.`, hint: hints.join(' ') }
}

/** Where libraries are, seen as before the last set-up: this process was told of the folders that one found. */
async function placesToday(): Promise<LibraryPlaces> {
  const told = cudaLibraryFolders()
  const places = await libraryPlaces()
  return {
    ...places,
    path: places.path.filter((folder) => !told.includes(folder)),
    elsewhere: [...places.elsewhere, ...told],
  }
}

/** The folder the loader must be told of for this library to be found. */
function folderToName({ path, loads }: NeededLibrary): string[] {
  return loads || path === null ? [] : [dirname(path)]
}

/** The result while nothing is in place. */
export function without(problem: Problem | null, driver?: Driver): Result {
  return {
    ok: false,
    provider: null,
    cuda: null,
    cudnn: null,
    cudaNeeded: null,
    onnxruntime: platformProblem(process.platform, process.arch) ? null : providerSource().version,
    driver: driver?.version ?? null,
    gpus: driver?.gpus.map(({ name }) => name) ?? [],
    missing: [],
    commands: null,
    sha256: null,
    checkedBy: null,
    problem: problem?.message ?? null,
    hint: problem?.hint ?? null,
  }
}
