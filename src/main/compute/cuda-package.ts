// The package with the CUDA provider: a file at hand, or a download, held against the hash that was given or published.
import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import type { JobParams, JobResult } from '../../shared/jobs/kinds.ts'
import { findPackage } from '../onnx/cuda/feed.ts'
import type { ProviderSource } from '../onnx/cuda/provider.ts'
import type { Runtime } from '../onnx/cuda/runtime.ts'
import { digestsOf, download } from '../store/download.ts'
import { needSpace } from '../store/free-space.ts'
import { requestJson } from '../store/http.ts'
import type { JobContext } from './job-runner.ts'

type Params = JobParams<'setup-cuda'>
type CheckedBy = NonNullable<JobResult<'setup-cuda'>['checkedBy']>

/** The package or file with the provider, and how it was checked. */
export interface Fetched {
  readonly path: string
  readonly sha256: string
  readonly checkedBy: CheckedBy
}

/** The unpacked provider is not much more than twice as long as the package. */
const UNPACKED = 3

/** Throws `cuda/package`, `cuda/checksum`, and what a download throws. */
export async function fetchProvider(
  params: Params,
  source: ProviderSource,
  runtime: Runtime,
  context: JobContext,
  signal: AbortSignal,
): Promise<Fetched> {
  const wanted = params.sha256?.toLowerCase()
  const { file } = params
  if (file !== undefined) return fromDisk(file, wanted, context, signal)
  return fromFeed(
    { ...source, feed: params.feed ?? process.env.MONOSCOPE_NUGET_FEED ?? source.feed },
    wanted,
    runtime,
    context,
    signal,
  )
}

async function fromDisk(
  file: string,
  wanted: string | undefined,
  { progress }: JobContext,
  signal: AbortSignal,
): Promise<Fetched> {
  const onCheck = rising((done, total) => progress.working('Checking', 'bytes', done, total))
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

async function fromFeed(
  source: ProviderSource,
  wanted: string | undefined,
  runtime: Runtime,
  { log, progress }: JobContext,
  signal: AbortSignal,
): Promise<Fetched> {
  const onCheck = rising((done, total) => progress.working('Checking', 'bytes', done, total))
  const published = await findPackage(source, (url) => requestJson(url, { signal }), wanted !== undefined)
  const { url, sha512, bytes } = published
  if (bytes !== null) await needSpace(runtime.folder, UNPACKED * bytes)
  if (wanted === undefined && sha512 === null) {
    log('warn', `${source.feed} publishes no hash of the package: nothing but the connection vouches for it.`)
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
  const checkedBy: CheckedBy =
    wanted !== undefined ? 'given SHA-256' : sha512 !== null ? 'SHA-512 of the feed' : 'nothing'
  return { path, sha256: digests.sha256, checkedBy }
}

/** A bar that never goes back, though a download that starts over does; silent while the total is unknown. */
export function rising(
  show: (done: number, total: number) => void,
): (done: number, total: number | null) => void {
  let most = 0
  return (done, total) => {
    if (total === null || total === 0) return
    most = Math.max(most, Math.min(1, done / total))
    show(most === 1 ? total : most * total, total)
  }
}
