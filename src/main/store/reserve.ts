// Room on a disk that is taken before it is needed: a file that is as large as what is still to come, and shrinks with it.
import { execFile } from 'node:child_process'
import { rm, stat, truncate, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { needSpace } from './free-space.ts'
import { explained } from './io-error.ts'

/**
 * Where nothing can take room without writing it (a file system that leaves holes in files, a system without
 * `fallocate`), it is only looked whether there is room, again with each `hold`. A process that is killed leaves the
 * file, and the next one goes on with it.
 */
export class SpaceReserve {
  readonly #path: string
  #held: number
  #canHold = true

  private constructor(path: string, held: number) {
    this.#path = path
    this.#held = held
  }

  /** Goes on with what lies at `path`. Throws `disk/…`. */
  static async open(path: string): Promise<SpaceReserve> {
    return new SpaceReserve(path, await bytesOnDisk(path))
  }

  /** Bytes that are taken; 0 where they are only looked for. */
  get held(): number {
    return this.#held
  }

  /** Takes so much room, or gives back what is more. Throws `disk/full` when there is not so much, `disk/…`. */
  async hold(bytes: number): Promise<void> {
    if (bytes <= 0) return this.release()
    if (bytes < this.#held) {
      await explained(this.#path, () => truncate(this.#path, bytes))
      this.#held = bytes
    }
    if (bytes === this.#held) return
    await needSpace(dirname(this.#path), bytes - this.#held)
    if (!this.#canHold) return
    this.#canHold = await explained(this.#path, () => grow(this.#path, bytes))
    if (this.#canHold) this.#held = bytes
    else await this.release()
  }

  /** Gives back all of it. */
  async release(): Promise<void> {
    await explained(this.#path, () => rm(this.#path, { force: true }))
    this.#held = 0
  }
}

/** Makes the file so large that the disk keeps room for all of it; false where it does not. */
async function grow(path: string, bytes: number): Promise<boolean> {
  if (process.platform === 'linux') {
    const done = await promisify(execFile)('fallocate', ['--length', String(bytes), path]).then(
      () => true,
      () => false,
    )
    return done && (await bytesOnDisk(path)) >= bytes
  }
  // Windows keeps room for a file as soon as it is so long; macOS does not, and has no program that makes it
  if (process.platform !== 'win32') return false
  await writeFile(path, '', { flag: 'a' })
  await truncate(path, bytes)
  return true
}

/** What the disk has set aside for the file, where it tells; holes in files take nothing. */
async function bytesOnDisk(path: string): Promise<number> {
  const found = await explained(path, () =>
    stat(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
      throw error
    }),
  )
  if (!found) return 0
  return process.platform === 'win32' ? found.size : Math.min(found.size, found.blocks * 512)
}
