// Reads a GGUF header value after value through a small window, and lets no length through that the file cannot have.
import { expected, type MonoscopeError } from '../../../shared/errors.ts'
import type { InputFile } from '../input-file.ts'

const WINDOW = 1024 * 1024
/** Chat templates are the longest texts: some ten thousand bytes. */
const MAX_TEXT_BYTES = WINDOW
/** Several times what the largest vocabularies take, with merges and scores. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024

/** Bytes of each kind of number, and how it is read. */
const numbers = {
  uint8: { bytes: 1, read: (from: Buffer, at: number) => from.readUInt8(at) },
  int8: { bytes: 1, read: (from: Buffer, at: number) => from.readInt8(at) },
  uint16: { bytes: 2, read: (from: Buffer, at: number) => from.readUInt16LE(at) },
  int16: { bytes: 2, read: (from: Buffer, at: number) => from.readInt16LE(at) },
  uint32: { bytes: 4, read: (from: Buffer, at: number) => from.readUInt32LE(at) },
  int32: { bytes: 4, read: (from: Buffer, at: number) => from.readInt32LE(at) },
  float32: { bytes: 4, read: (from: Buffer, at: number) => from.readFloatLE(at) },
  // beyond 2^53 the nearest number: whoever needs an exact one checks that it is safe
  uint64: { bytes: 8, read: (from: Buffer, at: number) => Number(from.readBigUInt64LE(at)) },
  int64: { bytes: 8, read: (from: Buffer, at: number) => Number(from.readBigInt64LE(at)) },
  float64: { bytes: 8, read: (from: Buffer, at: number) => from.readDoubleLE(at) },
} as const

export type NumberKind = keyof typeof numbers

export function numberBytes(kind: NumberKind): number {
  return numbers[kind].bytes
}

export class Cursor {
  readonly #file: InputFile
  readonly #decoder = new TextDecoder()
  #window: Buffer = Buffer.alloc(0)
  /** Of the window's first byte, in the file. */
  #start = 0
  /** In the window. */
  #at = 0

  constructor(file: InputFile) {
    this.#file = file
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#start + this.#at
  }

  /** Bytes the file has behind the position. */
  get remaining(): number {
    return this.#file.size - this.position
  }

  async number(kind: NumberKind): Promise<number> {
    const { bytes, read } = numbers[kind]
    if (this.#window.length - this.#at < bytes) await this.#fill(bytes)
    const value = read(this.#window, this.#at)
    this.#at += bytes
    return value
  }

  /** A length and as many bytes of UTF-8; what is not becomes U+FFFD. `what` names the text in errors. */
  async text(what: string): Promise<string> {
    const length = await this.number('uint64')
    this.#checkLength(length, what)
    if (this.#window.length - this.#at < length) await this.#fill(length)
    return this.#take(length)
  }

  /** `count` texts; `what` names their list. */
  async texts(count: number, what: string): Promise<string[]> {
    const texts: string[] = []
    while (texts.length < count) {
      // one wait per text is most of the time a large vocabulary takes
      const buffered = this.#window.length - this.#at
      const length = buffered < 8 ? Infinity : Number(this.#window.readBigUInt64LE(this.#at))
      if (buffered - 8 < length) {
        texts.push(await this.text(what))
        continue
      }
      this.#checkLength(length, what)
      this.#at += 8
      texts.push(this.#take(length))
    }
    return texts
  }

  /** A number of things of at least `bytes` each, as the file claims: at most `most`, and no more than it has room for. */
  async count(kind: 'uint32' | 'uint64', bytes: number, most: number, what: string): Promise<number> {
    const count = await this.number(kind)
    if (count > most) throw this.malformed(`it claims ${count} ${what}, more than ${most}`)
    if (count * bytes > this.remaining)
      throw this.malformed(`it claims ${count} ${what}, more than it has room for`)
    return count
  }

  malformed(why: string): MonoscopeError {
    return malformed(this.#file.path, why)
  }

  /** The next bytes of the window. */
  #take(length: number): string {
    const text = this.#decoder.decode(this.#window.subarray(this.#at, this.#at + length))
    this.#at += length
    return text
  }

  #checkLength(length: number, what: string): void {
    if (length > MAX_TEXT_BYTES)
      throw this.malformed(`${what} claims ${length} bytes, more than ${MAX_TEXT_BYTES}`)
    if (length > this.remaining)
      throw this.malformed(`${what} claims ${length} bytes, more than the file has`)
  }

  async #fill(bytes: number): Promise<void> {
    if (bytes > this.remaining) throw this.malformed('it ends within its header')
    if (this.position + bytes > MAX_HEADER_BYTES)
      throw this.malformed(`its header has more than ${MAX_HEADER_BYTES} bytes`)
    const start = this.position
    this.#window = await this.#file.read(start, Math.min(Math.max(bytes, WINDOW), this.remaining))
    this.#start = start
    this.#at = 0
  }
}

export function malformed(path: string, why: string): MonoscopeError {
  return expected(
    'gguf/malformed',
    `${path} is no valid GGUF file: ${why}.`,
    'The file is damaged or was not downloaded completely: fetch it again.',
  )
}
