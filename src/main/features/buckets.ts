// Codes sorted by feature with little memory: parted on disk into buckets of neighbouring features, each then sorted.
import { closeSync, mkdirSync, openSync, readSync, statSync, writeSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guarded } from '../store/database.ts'
import { allPieces, contextStarts, rowKinds } from './codes.ts'
import { SPILL } from './index-folder.ts'
import { windowsOf } from './windows.ts'

/** Words of a record: feature of the bucket and group, context, token, position and value, and the two windows. */
const WORDS = 6
export const RECORD_BYTES = 4 * WORDS
/** Records of a bucket, unless a single feature has more: 32 MB. */
const BUCKET_RECORDS = Math.floor(2 ** 25 / RECORD_BYTES)
/** Features of a bucket: all that is told of them is held until it is done. Their number in it has 16 bits. */
const BUCKET_FEATURES = 512
/** Records gathered for a bucket before they are written, and for all of them together. */
const [GATHERED, GATHERED_ALL] = [2 ** 14, Math.floor(2 ** 24 / RECORD_BYTES)]
const DONE = 'done'

/** The first feature of each bucket, and behind them F. */
export function planBuckets(firings: Uint32Array, most = BUCKET_RECORDS): number[] {
  const starts = [0]
  let held = 0
  for (const [feature, count] of firings.entries()) {
    const full = held > 0 && held + count > most
    if (full || feature - starts.at(-1)! >= BUCKET_FEATURES) {
      starts.push(feature)
      held = 0
    }
    held += count
  }
  return [...starts, firings.length]
}

interface SpillOptions {
  readonly folder: string
  readonly shards: number
  /** See `planBuckets`. */
  readonly starts: readonly number[]
  onShard(done: number): Promise<void>
}

/** Parts the codes of rows that count; what an earlier attempt finished stays. Throws `disk/…`, `arrow/damaged`. */
export async function spill({ folder, shards, starts, onShard }: SpillOptions): Promise<void> {
  const place = join(folder, SPILL)
  const done = await readFile(join(place, DONE), 'utf8').catch(() => null)
  if (done === String(starts.length - 1)) return
  await rm(place, { recursive: true, force: true })
  mkdirSync(place)
  const bucketOf = new Uint16Array(starts.at(-1)!)
  for (let bucket = 0; bucket + 1 < starts.length; bucket++) {
    bucketOf.fill(bucket, starts[bucket], starts[bucket + 1])
  }
  const gathered = Math.max(1, Math.min(GATHERED, Math.floor(GATHERED_ALL / (starts.length - 1))))
  const files = starts.slice(0, -1).map((_, bucket) => new BucketFile(bucketPath(folder, bucket), gathered))
  try {
    for await (const piece of allPieces(folder, shards, onShard)) {
      const { kind, group, position, token, context, starts: from, features, values } = piece
      const bits = new Uint16Array(values.buffer, values.byteOffset, values.length)
      const begins = contextStarts(piece)
      for (let index = 0; index + 1 < begins.length; index++) {
        const [begin, end] = [begins[index]!, begins[index + 1]!]
        const { around, ending } = windowsOf(token.subarray(begin, end))
        for (let row = begin; row < end; row++) {
          if (kind[row] !== rowKinds.counted) continue
          for (let at = from[row]!; at < from[row + 1]!; at++) {
            const feature = features[at]!
            const bucket = bucketOf[feature]!
            files[bucket]!.add(
              ((feature - starts[bucket]!) << 16) | group[row]!,
              context[row]!,
              token[row]!,
              (position[row]! << 16) | bits[at]!,
              around[row - begin]!,
              ending[row - begin]!,
            )
          }
        }
      }
    }
    for (const file of files) file.flush()
  } finally {
    for (const file of files) file.close()
  }
  await writeFile(join(place, DONE), String(starts.length - 1))
}

function bucketPath(folder: string, bucket: number): string {
  return join(folder, SPILL, `bucket-${String(bucket).padStart(5, '0')}`)
}

class BucketFile {
  readonly #path: string
  readonly #file: number
  /** Words that are gathered before they are written. */
  readonly #most: number
  #words = new Uint32Array(WORDS)
  #length = 0

  constructor(path: string, records: number) {
    this.#path = path
    this.#most = records * WORDS
    this.#file = guarded(path, () => openSync(path, 'w'))
  }

  add(feature: number, context: number, token: number, value: number, around: number, ending: number): void {
    if (this.#length === this.#words.length) this.#makeRoom()
    const [words, at] = [this.#words, this.#length]
    words[at] = feature
    words[at + 1] = context
    words[at + 2] = token
    words[at + 3] = value
    words[at + 4] = around
    words[at + 5] = ending
    this.#length = at + WORDS
  }

  flush(): void {
    const bytes = new Uint8Array(this.#words.buffer, 0, 4 * this.#length)
    for (let done = 0; done < bytes.length;) {
      const from = done
      done += guarded(this.#path, () => writeSync(this.#file, bytes, from))
    }
    this.#length = 0
  }

  close(): void {
    closeSync(this.#file)
  }

  #makeRoom(): void {
    if (this.#words.length >= this.#most) return this.flush()
    const more = new Uint32Array(Math.min(this.#most, 2 * this.#words.length))
    more.set(this.#words)
    this.#words = more
  }
}

/** Values of float16 by their bits. */
const halves = new Float32Array(
  new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer),
)

/** The firings of one feature in the order of the shards, so that those of a context follow each other. */
export abstract class Firings {
  readonly count: number

  constructor(count: number) {
    this.count = count
  }

  group(at: number): number {
    return this.word(at, 0) & 0xffff
  }

  context(at: number): number {
    return this.word(at, 1)
  }

  token(at: number): number {
    return this.word(at, 2)
  }

  position(at: number): number {
    return this.word(at, 3) >>> 16
  }

  value(at: number): number {
    return halves[this.word(at, 3) & 0xffff]!
  }

  around(at: number): number {
    return this.word(at, 4)
  }

  ending(at: number): number {
    return this.word(at, 5)
  }

  protected abstract word(at: number, word: number): number
}

class SortedFirings extends Firings {
  readonly #words: Uint32Array
  readonly #order: Uint32Array

  /** `order` are places of records among the words. */
  constructor(words: Uint32Array, order: Uint32Array) {
    super(order.length)
    this.#words = words
    this.#order = order
  }

  protected word(at: number, word: number): number {
    return this.#words[this.#order[at]! * WORDS + word]!
  }
}

/** A bucket that one feature has for itself, of which a piece is held; quick when it is read from the front to the back. */
class FiringsOnDisk extends Firings {
  readonly #path: string
  readonly #words: Uint32Array
  #first = 0
  #end = 0

  constructor(path: string, count: number) {
    super(count)
    this.#path = path
    this.#words = new Uint32Array(Math.min(count, GATHERED) * WORDS)
  }

  protected word(at: number, word: number): number {
    if (at < this.#first || at >= this.#end) this.#load(at)
    return this.#words[(at - this.#first) * WORDS + word]!
  }

  #load(from: number): void {
    this.#first = from
    this.#end = Math.min(this.count, from + this.#words.length / WORDS)
    const words = this.#words.subarray(0, (this.#end - from) * WORDS)
    guarded(this.#path, () => readRecords(this.#path, words, from))
  }
}

/** Fills `words` with the records from `first` on. */
function readRecords(path: string, words: Uint32Array, first: number): void {
  const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
  const file = openSync(path, 'r')
  try {
    for (let done = 0; done < bytes.length;) {
      const read = readSync(file, bytes, done, bytes.length - done, first * RECORD_BYTES + done)
      if (read === 0) throw new Error(`${path} ends before its records do.`)
      done += read
    }
  } finally {
    closeSync(file)
  }
}

/** Reads buckets; each takes the memory of the one before. */
export class BucketReader {
  readonly #folder: string
  /** Records that are held at once; of a feature that has more a piece is. */
  readonly #most: number
  #words = new Uint32Array(0)
  #order = new Uint32Array(0)

  constructor(folder: string, most = BUCKET_RECORDS) {
    this.#folder = folder
    this.#most = most
  }

  /** Of each feature of a bucket, in order, its firings, until the next is read. Throws `disk/…`. */
  read(bucket: number, features: number): Firings[] {
    const path = bucketPath(this.#folder, bucket)
    const records = guarded(path, () => statSync(path).size) / RECORD_BYTES
    if (features === 1 && records > this.#most) return [new FiringsOnDisk(path, records)]
    if (this.#order.length < records) {
      this.#words = new Uint32Array(records * WORDS)
      this.#order = new Uint32Array(records)
    }
    const words = this.#words.subarray(0, records * WORDS)
    guarded(path, () => readRecords(path, words, 0))
    const ends = new Uint32Array(features + 1)
    for (let record = 0; record < records; record++) ends[(words[record * WORDS]! >>> 16) + 1]!++
    for (let feature = 0; feature < features; feature++) ends[feature + 1]! += ends[feature]!
    const next = ends.slice(0, features)
    for (let record = 0; record < records; record++) {
      this.#order[next[words[record * WORDS]! >>> 16]!++] = record
    }
    return Array.from(
      { length: features },
      (_, feature) => new SortedFirings(words, this.#order.subarray(ends[feature], ends[feature + 1])),
    )
  }
}

/** What is sorted is not needed any more. */
export async function removeSpill(folder: string): Promise<void> {
  await rm(join(folder, SPILL), { recursive: true, force: true })
}
