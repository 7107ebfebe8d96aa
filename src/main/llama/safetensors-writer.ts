// Writes a safetensors file tensor after tensor in constant memory; it appears whole, when the last byte is written.
import { AtomicFile } from '../store/atomic.ts'
import { elementBytes, type SafetensorsDtype } from './safetensors.ts'

/** A tensor that will be written, in the order it will be written. */
export interface PlannedTensor {
  readonly name: string
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
}

export class SafetensorsWriter {
  readonly #file: AtomicFile
  #missing: number

  private constructor(file: AtomicFile, bytes: number) {
    this.#file = file
    this.#missing = bytes
  }

  /** Throws `disk/…`. */
  static async create(
    path: string,
    tensors: readonly PlannedTensor[],
    metadata: Readonly<Record<string, string>>,
  ): Promise<SafetensorsWriter> {
    const header: Record<string, unknown> = { __metadata__: metadata }
    let end = 0
    for (const { name, dtype, shape } of tensors) {
      const begin = end
      end += shape.reduce((a, b) => a * b, elementBytes[dtype])
      header[name] = { dtype, shape, data_offsets: [begin, end] }
    }
    const text = Buffer.from(JSON.stringify(header))
    // spaces, so that the numbers begin at a multiple of eight
    const padded = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8, ' ')
    padded.writeBigUInt64LE(BigInt(padded.length - 8))
    text.copy(padded, 8)
    const file = await AtomicFile.create(path)
    await file.write(padded)
    return new SafetensorsWriter(file, end)
  }

  /** The next bytes of the tensors, in the planned order; when it throws (`disk/…`) the file is given up. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#missing -= bytes.byteLength
    await this.#file.write(bytes)
  }

  /** Puts the file in its place; all planned bytes must have been written. */
  async commit(): Promise<void> {
    if (this.#missing !== 0) {
      await this.abort()
      throw new Error(`${this.#missing} of the planned bytes were not written.`)
    }
    await this.#file.commit()
  }

  /** Gives the file up; may be called again, and after a failure. */
  async abort(): Promise<void> {
    await this.#file.abort()
  }
}
