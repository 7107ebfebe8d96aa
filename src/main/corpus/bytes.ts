// A file's bytes, in order or at a place, whether it lies on this disk or on a server.
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { cancelled, expected } from '../../shared/errors.ts'
import { networkError, request, statusError } from '../store/http.ts'

export interface Bytes {
  readonly size: number
  /** All of them in order, as they are pulled. */
  stream(): AsyncIterable<Buffer>
  /** Those from `start` to before `end`, which must lie within the file; in memory of their own. */
  slice(start: number, end: number): Promise<ArrayBuffer>
}

/** Uses the file at `path`, which is closed afterwards. Errors are Node's. */
export async function* withLocalBytes<T>(
  path: string,
  use: (bytes: Bytes) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    yield* use({
      size,
      stream: () => createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>,
      slice: (start, end) => readAt(file, start, end),
    })
  } finally {
    await file.close()
  }
}

async function readAt(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const buffer = new ArrayBuffer(end - start)
  const bytes = new Uint8Array(buffer)
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done)
    if (bytesRead === 0) throw new Error('the file ends too early')
    done += bytesRead
  }
  return buffer
}

interface Remote {
  readonly size: number
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The file at `url`, of which only what is pulled is fetched. Throws `network/…`. */
export function remoteBytes(url: string, { size, headers, signal }: Remote): Bytes {
  async function* fetched(range: Readonly<Record<string, string>>, status: number): AsyncGenerator<Buffer> {
    const response = await request(url, { headers: { ...headers, ...range }, ...(signal && { signal }) })
    try {
      if (response.statusCode !== status) throw statusError(url, response.statusCode ?? 0)
      for await (const chunk of response as AsyncIterable<Buffer>) yield chunk
    } catch (error) {
      throw networkError(error, url)
    } finally {
      response.destroy()
    }
  }
  return {
    size,
    stream: () => fetched({}, 200),
    async slice(start, end) {
      const bytes = new Uint8Array(end - start)
      let done = 0
      for await (const chunk of fetched({ range: `bytes=${start}-${end - 1}` }, 206)) {
        if (done + chunk.length > bytes.length) break
        bytes.set(chunk, done)
        done += chunk.length
      }
      if (done === bytes.length) return bytes.buffer
      throw expected(
        'network/range',
        `${new URL(url).host} answers with other bytes than asked for.`,
        'Try again; a proxy in between may not take ranges.',
      )
    },
  }
}

/** What a reader of bytes is told by, and tells. */
export interface Watch {
  /** So many more of the file's bytes are done with; fractions add up. */
  readonly onRead?: (bytes: number) => void
  /** The file's text is in this encoding, a label that `TextDecoder` knows; not told of binary files and Parquet. */
  readonly onEncoding?: (encoding: string) => void
  readonly signal?: AbortSignal | undefined
}

/** The bytes in order, counted as they are pulled; ends with `cancelled` once the signal says so. */
export async function* streamed(bytes: Bytes, { onRead, signal }: Watch): AsyncGenerator<Buffer> {
  for await (const chunk of bytes.stream()) {
    if (signal?.aborted) throw cancelled()
    onRead?.(chunk.length)
    yield chunk
  }
}
