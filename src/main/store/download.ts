// Downloads one file: resumed where it was cut, checked before it appears under its name.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { dirname } from 'node:path'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { networkError, request } from './http.ts'
import { ioError } from './io-error.ts'
import { needSpace } from './free-space.ts'
import { Passing, type Patience, patiently, refusal } from './patience.ts'

export interface DownloadOptions extends Patience {
  /** Sent to the first host only when it is `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** How long the file is, where that is known beforehand. */
  readonly bytes?: number
  /** Hex; the file does not appear unless it has this digest. */
  readonly sha256?: string
  readonly sha512?: string
  /** Bytes that are here of all; null while the server does not say how many those are. */
  readonly onProgress?: (done: number, total: number | null) => void
  /** Bytes that are checked of all. */
  readonly onCheck?: (done: number, total: number) => void
  /** Stops it; what is here is kept and continued the next time. */
  readonly signal?: AbortSignal
  /** Milliseconds without a byte after which a connection counts as cut. */
  readonly silence?: number
  /** What a server's final no means, where more is known of the server than its status. */
  readonly onRefused?: (response: IncomingMessage) => Error | undefined
}

export interface Digests {
  readonly sha256: string
  readonly sha512: string
  readonly bytes: number
}

/** What a partial file is a part of. */
interface PartNote {
  readonly url: string
  /** As `If-Range` takes it: a strong ETag or a date; null when the server gave neither. */
  readonly validator: string | null
}

/**
 * Brings `url` to `path`, continuing `path.part` when the server still has the same file. Tries again by itself where
 * that may help. Throws `network/…`, `disk/…`, `download/size`, `download/checksum`; never leaves a bad file at `path`.
 */
export async function download(url: string, path: string, options: DownloadOptions = {}): Promise<Digests> {
  const part = `${path}.part`
  let before = 0
  await patiently(
    async () => {
      before = await sizeOf(part)
      await attempt(url, part, options)
    },
    options,
    async () => (await sizeOf(part)) > before,
  ).catch((error: unknown) => {
    throw ioError(error, part)
  })
  const digests = await digestsOf(part, options)
  for (const kind of ['sha256', 'sha512'] as const) {
    const wanted = options[kind]?.toLowerCase()
    if (wanted === undefined || wanted === digests[kind]) continue
    await removePart(part)
    throw expected(
      'download/checksum',
      `What came from ${url} has ${kind} ${digests[kind]}, not ${wanted}.`,
      'It was removed. Try again; if it stays so, the file was changed on the way.',
    )
  }
  await rename(part, path)
  await rm(noteOf(part), { force: true })
  return digests
}

/** SHA-256, SHA-512 (hex) and length of the file at `path`. */
export async function digestsOf(
  path: string,
  { onCheck, signal }: Pick<DownloadOptions, 'onCheck' | 'signal'> = {},
): Promise<Digests> {
  const sha256 = createHash('sha256')
  const sha512 = createHash('sha512')
  const total = await sizeOf(path)
  let bytes = 0
  const chunks = createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal && { signal }) })
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    sha256.update(chunk)
    sha512.update(chunk)
    bytes += chunk.length
    onCheck?.(Math.min(bytes, total), total)
  }
  return { sha256: sha256.digest('hex'), sha512: sha512.digest('hex'), bytes }
}

/** One request: appends to `part` or starts it anew, and returns once it is complete. */
async function attempt(url: string, part: string, options: DownloadOptions): Promise<void> {
  const here = await sizeOf(part)
  const note = await readNote(part)
  const resumed = here > 0 && note?.url === url && note.validator !== null ? note.validator : null
  const response = await ask(
    url,
    resumed === null ? {} : { range: `bytes=${here}-`, 'if-range': resumed },
    options,
  )
  const status = response.statusCode ?? 0
  const range = contentRange(response)
  if (status === 416 || (status === 206 && range?.start !== here)) {
    response.destroy()
    const complete = status === 416 && resumed !== null && range?.total === here
    if (complete) return
    // the part belongs to nothing the server has
    await removePart(part)
    throw new Passing(
      expected(
        'network/range',
        `${new URL(url).host} answers with other bytes than asked for.`,
        'Try again; a proxy in between may not take ranges.',
      ),
    )
  }
  if (status !== 200 && status !== 206) {
    response.destroy()
    const error = refusal(url, response)
    throw error instanceof Passing ? error : (options.onRefused?.(response) ?? error)
  }
  const start = status === 206 ? here : 0
  const length = response.headers['content-length']
  const total = range?.total ?? (length === undefined ? null : start + Number(length))
  if (total !== null && options.bytes !== undefined && total !== options.bytes) {
    response.destroy()
    throw wrongSize(url, total, options.bytes)
  }
  await needSpace(dirname(part), (total ?? options.bytes ?? start) - start)
  if (start === 0) {
    await rm(part, { force: true })
    await writeFileAtomic(noteOf(part), JSON.stringify({ url, validator: validatorOf(response) }))
  }
  const file = await open(part, 'a')
  try {
    await append(file, response, { url, start, total }, options)
  } finally {
    response.destroy()
    await file.sync()
    await file.close()
  }
}

async function append(
  file: FileHandle,
  response: IncomingMessage,
  { url, start, total }: { url: string; start: number; total: number | null },
  { bytes: wanted, onProgress }: DownloadOptions,
): Promise<void> {
  let done = start
  onProgress?.(done, total)
  const most = wanted ?? total
  const chunks = (response as AsyncIterable<Buffer>)[Symbol.asyncIterator]()
  for (;;) {
    // only reading is the network's fault: what the disk says is final
    const next = await chunks.next().catch((error: unknown) => {
      throw new Passing(networkError(error, url))
    })
    if (next.done) break
    if (most !== null && done + next.value.length > most) throw wrongSize(url, done + next.value.length, most)
    await file.writeFile(next.value)
    done += next.value.length
    onProgress?.(done, total)
  }
  if (most !== null && done < most) {
    throw new Passing(
      expected(
        'network/cut',
        `${new URL(url).host} ended the download after ${done} of ${most} bytes.`,
        'Try again: what is here is kept.',
      ),
    )
  }
}

async function ask(
  url: string,
  range: Readonly<Record<string, string>>,
  { headers, signal, silence }: DownloadOptions,
): Promise<IncomingMessage> {
  try {
    return await request(url, {
      headers: { ...headers, ...range },
      ...(signal && { signal }),
      ...(silence !== undefined && { silence }),
    })
  } catch (error) {
    if (error instanceof MonoscopeError && error.code === 'network/unreachable') throw new Passing(error)
    throw error
  }
}

function contentRange({
  headers,
}: IncomingMessage): { start: number | null; total: number | null } | undefined {
  const match = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range'] ?? '')
  if (!match) return undefined
  const [, start, total] = match
  return { start: start === undefined ? null : Number(start), total: total === '*' ? null : Number(total) }
}

/** A weak ETag says "much the same", which is not enough to join two halves. */
function validatorOf({ headers }: IncomingMessage): string | null {
  const { etag, 'last-modified': modified } = headers
  return etag !== undefined && !etag.startsWith('W/') ? etag : (modified ?? null)
}

function wrongSize(url: string, got: number, wanted: number): Error {
  return expected(
    'download/size',
    `${url} is to be ${wanted} bytes long, but the server sends ${got}.`,
    'It may be another version of the file, or a page of a proxy instead of it.',
  )
}

const noteOf = (part: string) => `${part}.json`

async function readNote(part: string): Promise<PartNote | undefined> {
  try {
    return JSON.parse(await readFile(noteOf(part), 'utf8')) as PartNote
  } catch {
    return undefined
  }
}

async function removePart(part: string): Promise<void> {
  await rm(part, { force: true })
  await rm(noteOf(part), { force: true })
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
