// Sets up CUDA: the provider is fetched, checked, placed and tried; whatever fails, what worked before still works.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { type Driver, findDriver } from '../onnx/cuda/driver.ts'
import {
  place,
  placedIn,
  type PlacedProvider,
  type Placement,
  record,
  stagingIn,
} from '../onnx/cuda/place.ts'
import {
  platformProblem,
  PROVIDER,
  providerCuda,
  providerSource,
  type ProviderSource,
  unpackProvider,
} from '../onnx/cuda/provider.ts'
import { type Runtime, RUNTIME_FILES, runtimeFor } from '../onnx/cuda/runtime.ts'
import { ioError } from '../store/io-error.ts'
import { type Fetched, fetchProvider, rising } from './cuda-package.ts'
import { tryOut, without } from './cuda-trial.ts'
import { type JobContext, stopSignal } from './job-runner.ts'

type Params = JobParams<'setup-cuda'>
type Result = JobResult<'setup-cuda'>

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
