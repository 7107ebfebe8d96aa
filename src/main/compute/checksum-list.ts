// The list of checksums on disk: one JSON line a file, appended as files are done, continued after an interruption.
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { explained } from '../store/io-error.ts'

const recordSchema = z.object({
  path: z.string(),
  bytes: z.number(),
  modified: z.number(),
  sha256: z.string().length(64),
})
type ChecksumRecord = z.infer<typeof recordSchema>

/** Bytes hashed between two syncs of the list to disk. */
const SYNC_EVERY = 64 * 1024 * 1024

export class ChecksumList {
  readonly #path: string
  readonly #file: FileHandle
  readonly #earlier: AsyncGenerator<ChecksumRecord, undefined>
  #next: ChecksumRecord | undefined
  /** Where the list is complete up to, and where the next record goes. */
  #position = 0
  #unsynced = 0
  #cutOnce = false

  private constructor(path: string, file: FileHandle, earlier: AsyncGenerator<ChecksumRecord, undefined>) {
    this.#path = path
    this.#file = file
    this.#earlier = earlier
  }

  /** Opens the list at `path`, keeping what an earlier attempt completed. Throws `disk/…`, as all of it does. */
  static async open(path: string): Promise<ChecksumList> {
    const file = await explained(path, async () => {
      await (await open(path, 'a+')).close()
      return open(path, 'r+')
    })
    const list = new ChecksumList(path, file, readRecords(path, (await file.stat()).size))
    await list.#advance()
    return list
  }

  /** True while records of an earlier attempt lie ahead. */
  get continues(): boolean {
    return this.#next !== undefined
  }

  /**
   * The SHA-256 an earlier attempt found for this very file, or null when it must be read. Files are asked for in
   * the order they are listed; at the first that differs the rest of the list is dropped.
   */
  async take(file: { path: string; bytes: number; modified: number }): Promise<string | null> {
    const record = this.#next
    if (!record) {
      await this.#cut()
      return null
    }
    if (record.path !== file.path || record.bytes !== file.bytes || record.modified !== file.modified) {
      this.#next = undefined
      await this.#cut()
      return null
    }
    this.#position += lineOf(record).length
    await this.#advance()
    return record.sha256
  }

  async append(record: ChecksumRecord): Promise<void> {
    const line = lineOf(record)
    await explained(this.#path, async () => {
      await this.#write(line)
      this.#unsynced += Math.max(1, record.bytes)
      if (this.#unsynced < SYNC_EVERY) return
      await this.#file.datasync()
      this.#unsynced = 0
    })
  }

  /** Syncs and closes; records of an earlier attempt that were not asked for yet are kept. */
  async close(): Promise<void> {
    await this.#earlier.return(undefined)
    await explained(this.#path, async () => {
      try {
        await this.#file.sync()
      } finally {
        await this.#file.close()
      }
    })
  }

  /** All of `line` or an error: a disk that is nearly full takes part of it and says nothing. */
  async #write(line: Buffer): Promise<void> {
    for (let done = 0; done < line.length;) {
      done += (await this.#file.write(line, done, line.length - done, this.#position + done)).bytesWritten
    }
    this.#position += line.length
  }

  /** Drops everything behind the last record taken: a torn line, or files that changed. */
  async #cut(): Promise<void> {
    if (this.#cutOnce) return
    this.#cutOnce = true
    await this.#earlier.return(undefined)
    await explained(this.#path, () => this.#file.truncate(this.#position))
  }

  async #advance(): Promise<void> {
    const next = await this.#earlier.next()
    this.#next = next.done ? undefined : next.value
  }
}

function lineOf(record: ChecksumRecord): Buffer {
  const { path, bytes, modified, sha256 } = record
  return Buffer.from(`${JSON.stringify({ path, bytes, modified, sha256 })}\n`)
}

/** The complete records at the start of the file; a torn last line ends them. */
async function* readRecords(path: string, size: number): AsyncGenerator<ChecksumRecord, undefined> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Infinity })
  let end = 0
  for await (const line of lines) {
    let record: ChecksumRecord
    try {
      record = recordSchema.parse(JSON.parse(line))
    } catch {
      return undefined
    }
    end += lineOf(record).length
    if (end > size) return undefined
    yield record
  }
  return undefined
}
