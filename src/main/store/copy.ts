// Copies a file piece by piece: it can stop anywhere, goes on where it stopped, and is held against its source.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { sha256Of } from './file-hash.ts'
import { explained, ioError } from './io-error.ts'

const CHUNK = 4 * 1024 * 1024

export interface CopySteps {
  /** Bytes of this file that are copied, and that are checked; may throw to stop, which keeps what is copied. */
  onCopied(bytes: number): Promise<void>
  onChecked(bytes: number): Promise<void>
}

/**
 * Copies `source` to `target`, continuing `target.part`, and reads the copy once more. Resolves with its SHA-256 (hex).
 * Throws `disk/…`, or `import/copy` when the copy is not what was read.
 */
export async function copyFile(source: string, target: string, steps: CopySteps): Promise<string> {
  const part = `${target}.part`
  const read = await copyInto(source, part, steps)
  const copied = await explained(part, () => sha256Of(part, (bytes) => steps.onChecked(bytes)))
  if (copied !== read) {
    await rm(part, { force: true })
    throw expected(
      'import/copy',
      `The copy of ${source} is not what was read from it.`,
      'The disk may be failing, or the file is being written to; check both and try again.',
    )
  }
  await explained(target, () => rename(part, target))
  return copied
}

/** Copies all files below `source` to the same places below `target`; `checkpoint` may throw to stop. Throws as `copyFile`. */
export async function copyFolder(
  source: string,
  target: string,
  checkpoint: () => Promise<void>,
): Promise<void> {
  const entries = await explained(source, () => readdir(source, { recursive: true, withFileTypes: true }))
  for (const entry of entries.filter((one) => one.isFile())) {
    const from = join(entry.parentPath, entry.name)
    const to = join(target, relative(source, from))
    await explained(to, () => mkdir(dirname(to), { recursive: true }))
    await copyFile(from, to, { onCopied: checkpoint, onChecked: checkpoint })
  }
}

/** Appends to `part` what it lacks; resolves with the SHA-256 of all that was read. */
async function copyInto(source: string, part: string, { onCopied }: CopySteps): Promise<string> {
  const here = await sizeOf(part)
  const { size } = await explained(source, () => stat(source))
  const hash = createHash('sha256')
  const file = await explained(part, () => open(part, here > size ? 'w' : 'a'))
  let done = 0
  try {
    const start = here > size ? 0 : here
    const chunks = createReadStream(source, { highWaterMark: CHUNK })
    for await (const chunk of chunks as AsyncIterable<Buffer>) {
      // what is there already is read all the same, because its hash is needed
      hash.update(chunk)
      const missing = chunk.subarray(Math.max(0, start - done))
      if (missing.length > 0) await file.writeFile(missing)
      done += chunk.length
      await onCopied(done)
    }
    await file.sync()
  } catch (error) {
    throw ioError(error, part)
  } finally {
    await file.close()
  }
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  )
}
