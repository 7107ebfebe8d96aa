// A file that is read piece by piece at given places, never whole; weights are far larger than memory.
import { type FileHandle, open, stat } from 'node:fs/promises'
import { expected } from '../../shared/errors.ts'
import { formatBytes } from '../../shared/units.ts'
import { explained } from '../store/io-error.ts'

export class InputFile {
  readonly path: string
  /** Bytes, when it was opened. */
  readonly size: number
  readonly #file: FileHandle

  private constructor(path: string, size: number, file: FileHandle) {
    this.path = path
    this.size = size
    this.#file = file
  }

  /** Throws `disk/…`, or `checkpoint/not-a-file` for a folder, a pipe or a device. */
  static async open(path: string): Promise<InputFile> {
    return explained(path, async () => {
      // before it is opened: opening a pipe waits for who writes into it
      const size = await regularSize(path)
      return new InputFile(path, size, await open(path, 'r'))
    })
  }

  /** All `length` bytes from `offset` on; throws `checkpoint/truncated` when the file ends before. */
  async read(offset: number, length: number): Promise<Buffer> {
    // a length the file cannot have must not be allocated
    if (length > this.size - offset) throw this.#truncated(offset, length)
    const buffer = Buffer.allocUnsafe(length)
    await this.readInto(buffer, offset)
    return buffer
  }

  /** Fills `buffer` from `offset` on; throws `checkpoint/truncated` when the file ends before. */
  async readInto(buffer: Uint8Array, offset: number): Promise<void> {
    let done = 0
    while (done < buffer.byteLength) {
      const { bytesRead } = await explained(this.path, () =>
        this.#file.read(buffer, done, buffer.byteLength - done, offset + done),
      )
      if (bytesRead === 0) throw this.#truncated(offset, buffer.byteLength)
      done += bytesRead
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #truncated(offset: number, length: number): Error {
    return truncated(this.path, { offset, length, size: this.size })
  }
}

/** What is said of a file that ends before the `length` bytes from `offset` on; it has `size`. */
export function truncated(
  path: string,
  { offset, length, size }: { readonly offset: number; readonly length: number; readonly size: number },
): Error {
  return expected(
    'checkpoint/truncated',
    `${path} is too short: ${formatBytes(length)} are expected at byte ${offset}, and it has ${size} bytes.`,
    'The file was not copied or downloaded completely: fetch it again.',
  )
}

/** Bytes of a file; throws `disk/…`, or `checkpoint/not-a-file` for a folder, a pipe or a device. */
export async function regularSize(path: string): Promise<number> {
  const stats = await explained(path, () => stat(path))
  if (stats.isFile()) return stats.size
  throw expected('checkpoint/not-a-file', `${path} is not a regular file.`, 'Choose the model’s own file.')
}

/** Opens, uses and closes a file. */
export async function withInputFile<T>(path: string, use: (file: InputFile) => Promise<T>): Promise<T> {
  const file = await InputFile.open(path)
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

const POINTER = 'version https://git-lfs'

/** Throws `checkpoint/pointer` for what a clone without Git LFS has in the place of every large file. */
export async function refusePointer(file: InputFile): Promise<void> {
  if (file.size < POINTER.length || (await file.read(0, POINTER.length)).toString() !== POINTER) return
  throw expected(
    'checkpoint/pointer',
    `${file.path} only points to the weights, which Git LFS keeps elsewhere.`,
    'Run "git lfs pull" in the model’s folder.',
  )
}
