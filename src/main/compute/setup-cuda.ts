// Sets up CUDA: the provider is fetched, checked, placed and tried; whatever fails, what worked before still works.
import { mkdir, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { type Driver, driverProblem, findDriver, type Problem } from '../onnx/cuda/driver.ts'
import { findPackage } from '../onnx/cuda/feed.ts'
import {
  type LibraryPlaces,
  libraryPlaces,
  type NeededLibrary,
  neededLibraries,
  versionOf,
} from '../onnx/cuda/libraries.ts'
import { installCommands } from '../onnx/cuda/packages.ts'
import {
  place,
  placedIn,
  type PlacedProvider,
  type Placement,
  record,
  stagingIn,
} from '../onnx/cuda/place.ts'
import { probeProvider } from '../onnx/cuda/probe.ts'
import {
  platformProblem,
  PROVIDER,
  providerCuda,
  providerSource,
  type ProviderSource,
  unpackProvider,
} from '../onnx/cuda/provider.ts'
import { cudaLibraryFolders, type Runtime, RUNTIME_FILES, runtimeFor } from '../onnx/cuda/runtime.ts'
import { digestsOf, download, needSpace } from '../store/download.ts'
import { entryUrl } from '../store/entry.ts'
import { requestJson } from '../store/http.ts'
import { ioError } from '../store/io-error.ts'
import { type JobContext, stopSignal } from './runner.ts'

type Params = JobParams<'setup-cuda'>
type Result = JobResult<'setup-cuda'>

/** The package or file with the provider, and how it was checked. */
interface Fetched {
  readonly path: string
  readonly sha256: string
  readonly checkedBy: NonNullable<Result['checkedBy']>
}

interface Verdict {
  readonly result: Result
  /** False when nothing that can be installed would make this provider work. */
  readonly keeps: boolean
  readonly libraryFolders: readonly string[]
}

/** Opened by the provider while it runs, so that its own list does not name it. */
const OPENED_LATER = ['libcudnn.so.9']
const DRIVER_LIBRARY = 'libcuda.so.1'
/** The unpacked provider is not much more than twice as long as the package. */
const UNPACKED = 3

export async function setUpCuda(params: Params, context: JobContext): Promise<Result> {
  const { log, progress } = context
  progress.measuring('Looking for the GPU', 'GPUs', 0)
  const unavailable = platformProblem(process.platform, process.arch)
  if (unavailable) return without(unavailable)
  const driver = await findDriver()
  for (const gpu of driver.gpus) log('info', `GPU ${gpu.index}: ${gpu.name}.`)
  if (driver.problem) return without(driver.problem, driver)

  const runtime = runtimeFor()
  const source = providerSource()
  const placed = params.file ? null : await placedIn(runtime.folder)
  if (placed && isWanted(placed, source, params)) {
    log('info', `The provider for onnxruntime ${source.version} is in place already; it is only tried.`)
    const { result, libraryFolders } = await tryOut(runtime, driver, null, context)
    await record(runtime.folder, { ...placed, libraryFolders })
    return result
  }
  const stop = stopSignal(context)
  let staging: string | undefined
  try {
    staging = await stagingIn(runtime.folder)
    const fetched = await fetchProvider(params, source, runtime, context, stop.signal)
    await context.checkpoint()
    const placement = await unpackAndPlace(fetched, source, runtime, staging, context)
    const result = await keepOrUndo(placement, fetched, source, runtime, driver, context)
    if (!params.file) await rm(fetched.path, { force: true })
    return result
  } catch (error) {
    if (context.stopping) await context.checkpoint()
    throw ioError(error, runtime.folder)
  } finally {
    stop.end()
    if (staging) await rm(staging, { recursive: true, force: true })
  }
}

function isWanted(placed: PlacedProvider, source: ProviderSource, { sha256 }: Params): boolean {
  return (
    placed.onnxruntime === source.version &&
    (sha256 === undefined || sha256.toLowerCase() === placed.source) &&
    PROVIDER in placed.files
  )
}

async function fetchProvider(
  { file, sha256, feed }: Params,
  source: ProviderSource,
  runtime: Runtime,
  { log, progress }: JobContext,
  signal: AbortSignal,
): Promise<Fetched> {
  const wanted = sha256?.toLowerCase()
  const onCheck = rising((done, total) => progress.working('Checking', 'bytes', done, total))
  if (file !== undefined) {
    const digests = await digestsOf(file, { onCheck, signal }).catch((error: unknown) => {
      if (signal.aborted) throw error
      throw expected(
        'cuda/package',
        `${file} cannot be read.`,
        'Check the path and that you may read it.',
        error,
      )
    })
    if (wanted !== undefined && digests.sha256 !== wanted) {
      throw expected(
        'cuda/checksum',
        `${file} has SHA-256 ${digests.sha256}, not ${wanted}.`,
        'Nothing was changed. Fetch the file again, from a place you trust.',
      )
    }
    return {
      path: file,
      sha256: digests.sha256,
      checkedBy: wanted === undefined ? 'nothing' : 'given SHA-256',
    }
  }
  const from = feed ?? process.env.MONOSCOPE_NUGET_FEED ?? source.feed
  const published = await findPackage(
    { ...source, feed: from },
    (url) => requestJson(url, { signal }),
    wanted !== undefined,
  )
  const { url, sha512, bytes } = published
  if (bytes !== null) await needSpace(runtime.folder, UNPACKED * bytes)
  if (wanted === undefined && sha512 === null) {
    log('warn', `${from} publishes no hash of the package: nothing but the connection vouches for it.`)
  }
  log('info', `Downloading ${url}.`)
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'monoscope')
  await mkdir(cache, { recursive: true })
  const path = join(cache, basename(new URL(url).pathname))
  const digests = await download(url, path, {
    ...(bytes !== null && { bytes }),
    ...(wanted !== undefined && { sha256: wanted }),
    ...(sha512 !== null && { sha512 }),
    onProgress: rising((done, total) => progress.working('Downloading', 'bytes', done, total)),
    onCheck,
    signal,
  })
  const checkedBy =
    wanted !== undefined ? 'given SHA-256' : sha512 !== null ? 'SHA-512 of the feed' : 'nothing'
  return { path, sha256: digests.sha256, checkedBy }
}

async function unpackAndPlace(
  fetched: Fetched,
  source: ProviderSource,
  runtime: Runtime,
  staging: string,
  { progress }: JobContext,
): Promise<Placement> {
  progress.working('Placing', 'bytes', 0, 1)
  const files = await unpackProvider(
    fetched.path,
    source.version,
    join(staging, 'new'),
    rising((done, total) => progress.working('Placing', 'bytes', done, total)),
  )
  // a file that is no such provider is found out before anything is touched
  for (const file of files) if (file.name === PROVIDER) await providerCuda(file.path)
  const { copyOf } = runtime
  const own = copyOf === null ? [] : RUNTIME_FILES.map((name) => ({ name, path: join(copyOf, name) }))
  return place([...own, ...files], runtime.folder, staging)
}

async function keepOrUndo(
  placement: Placement,
  fetched: Fetched,
  source: ProviderSource,
  runtime: Runtime,
  driver: Driver,
  context: JobContext,
): Promise<Result> {
  try {
    const { result, keeps, libraryFolders } = await tryOut(runtime, driver, fetched.checkedBy, context)
    if (!keeps) {
      await placement.undo()
      context.log('warn', 'The provider does not work here and was taken away again.')
      return { ...result, provider: null }
    }
    const placed = await placement.keep({
      onnxruntime: source.version,
      source: fetched.sha256,
      libraryFolders,
    })
    const sha256 = placed.files[PROVIDER] ?? null
    context.log('info', `Placed ${result.provider} with SHA-256 ${sha256}.`)
    return { ...result, sha256 }
  } catch (error) {
    await placement.undo()
    throw error
  }
}

/** Looks at what is placed, and tries it; throws `cuda/broke-cpu` when even the processor does not work any more. */
async function tryOut(
  runtime: Runtime,
  driver: Driver,
  checkedBy: Result['checkedBy'],
  { progress, log }: JobContext,
): Promise<Verdict> {
  const provider = join(runtime.folder, PROVIDER)
  const major = await providerCuda(provider)
  const libraries = await neededLibraries(provider, await placesToday(), OPENED_LATER)
  const missing = libraries.filter(({ path }) => path === null).map(({ name }) => name)
  const libraryFolders = [...new Set(libraries.flatMap((library) => folderToName(library)))]
  for (const folder of libraryFolders) log('info', `CUDA libraries are taken from ${folder}.`)

  progress.working('Probing', 'devices', 0, 2)
  const entry = entryUrl('onnx/cuda/probe-child', import.meta.url)
  const cpu = await probeProvider('cpu', entry, libraryFolders)
  if (!cpu.ok) {
    throw expected(
      'cuda/broke-cpu',
      `With the provider in place onnxruntime does not start: ${cpu.error}`,
      'All is as it was before.',
    )
  }
  progress.working('Probing', 'devices', 1, 2)
  const cuda = await probeProvider('cuda', entry, libraryFolders)
  progress.working('Probing', 'devices', 2, 2)

  const blocked = driverProblem(driver, major) ?? missingProblem(missing)
  const failure = { message: cuda.error ?? '', hint: 'The log of the job has the details.' }
  const problem = cuda.ok ? null : (blocked ?? failure)
  const versionOfLibrary = async (start: string) => {
    const found = libraries.find(({ name }) => name.startsWith(start))
    return found ? versionOf(found) : null
  }
  if (!cuda.ok) log('warn', `CUDA does not work yet: ${cuda.error}`)
  return {
    keeps: cuda.ok || blocked !== null,
    libraryFolders,
    result: {
      ...without(problem, driver),
      ok: cuda.ok,
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
function without(problem: Problem | null, driver?: Driver): Result {
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

/** A bar that never goes back, though a download that starts over does; silent while the total is unknown. */
function rising(show: (done: number, total: number) => void): (done: number, total: number | null) => void {
  let most = 0
  return (done, total) => {
    if (total === null || total === 0) return
    most = Math.max(most, Math.min(1, done / total))
    show(most === 1 ? total : most * total, total)
  }
}
