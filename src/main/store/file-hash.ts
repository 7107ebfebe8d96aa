// The SHA-256 of a file, read piece by piece, so that who waits can show how far it is and stop in between.
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

/** Bytes read at once. */
const CHUNK = 1024 * 1024

/** Hex; `onRead` is told the bytes read so far and may throw to end it. */
export async function sha256Of(
  path: string,
  onRead: (bytes: number) => void | Promise<void> = () => undefined,
): Promise<string> {
  const hash = createHash('sha256')
  const file = await open(path, 'r')
  try {
    // used again for every piece: a stream has one of its own for each
    const buffer = Buffer.allocUnsafeSlow(CHUNK)
    for (let read = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK)
      if (bytesRead === 0) return hash.digest('hex')
      hash.update(buffer.subarray(0, bytesRead))
      read += bytesRead
      await onRead(read)
    }
  } finally {
    await file.close()
  }
}
