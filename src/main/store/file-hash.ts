// The SHA-256 of a file, read piece by piece, so that who waits can show how far it is and stop in between.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'

/** Bytes read at once. */
const CHUNK = 1024 * 1024

/** Hex; `onRead` is told the bytes read so far and may throw to end it. */
export async function sha256Of(
  path: string,
  onRead: (bytes: number) => void | Promise<void> = () => undefined,
): Promise<string> {
  const hash = createHash('sha256')
  let read = 0
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    hash.update(chunk)
    read += chunk.length
    await onRead(read)
  }
  return hash.digest('hex')
}
