// FlatBuffers read with care: the library trusts what it reads, and would count to two billion on a damaged length.
import { ByteBuffer } from 'flatbuffers'

/** Throws a `RangeError` for lengths and places that cannot be in these bytes. */
export class CheckedBuffer extends ByteBuffer {
  override readInt16(offset: number): number {
    return super.readInt16(this.#inside(offset, 2))
  }

  override readInt32(offset: number): number {
    return super.readInt32(this.#inside(offset, 4))
  }

  override readInt64(offset: number): bigint {
    return super.readInt64(this.#inside(offset, 8))
  }

  /** Tables lie behind what points to them, so that no chain of them is endless. */
  override __indirect(offset: number): number {
    const target = super.__indirect(offset)
    if (target <= offset) throw new RangeError(`A table at ${offset} lies before itself.`)
    return target
  }

  override __vector_len(offset: number): number {
    return this.#inside(super.__vector_len(offset), 0)
  }

  #inside(offset: number, length: number): number {
    if (offset >= 0 && offset + length <= this.capacity()) return offset
    throw new RangeError(`${offset} is beyond the ${this.capacity()} bytes there are.`)
  }
}
