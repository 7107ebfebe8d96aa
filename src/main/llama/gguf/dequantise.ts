// Turns GGUF's blocks of small integers into float32, bit for bit as llama.cpp does.
import type { BlockType } from './block-types.ts'

/** Writes one block's numbers to `out` from `to` on; `bytes` is read from `at` on through `view`, which covers it. */
type Unpack = (bytes: Uint8Array, view: DataView, at: number, out: Float32Array, to: number) => void

/** The numbers of whole blocks of a quantised `type`; `out` has room for exactly them. */
export function dequantise(type: BlockType, bytes: Uint8Array, out: Float32Array): void {
  const unpack = unpackers[type.name]
  const count = bytes.length / type.bytes
  if (!unpack || out.length !== count * type.elements) {
    throw new Error(`${bytes.length} bytes of ${type.name} do not make ${out.length} numbers.`)
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let block = 0; block < count; block++) {
    unpack(bytes, view, block * type.bytes, out, block * type.elements)
  }
}

// In each: d is the scale, m the minimum, half-precision; q the small integer. Nothing is rounded before it is stored
// as float32: products of a half and a few bits are exact in it too.
const unpackers: Readonly<Record<string, Unpack | undefined>> = {
  Q8_0(_bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    for (let i = 0; i < 32; i++) out[to + i] = d * view.getInt8(at + 2 + i)
  },
  Q4_0(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i]!
      out[to + i] = d * ((pair & 15) - 8)
      out[to + i + 16] = d * ((pair >> 4) - 8)
    }
  },
  Q4_1(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    const m = view.getFloat16(at + 2, true)
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i]!
      out[to + i] = d * (pair & 15) + m
      out[to + i + 16] = d * (pair >> 4) + m
    }
  },
  Q5_0(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    const fifth = view.getUint32(at + 2, true)
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 6 + i]!
      out[to + i] = d * (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16)
      out[to + i + 16] = d * (((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16)
    }
  },
  Q5_1(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    const m = view.getFloat16(at + 2, true)
    const fifth = view.getUint32(at + 4, true)
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 8 + i]!
      out[to + i] = d * ((pair & 15) | (((fifth >>> i) & 1) << 4)) + m
      out[to + i + 16] = d * ((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m
    }
  },
  Q4_K(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    const m = view.getFloat16(at + 2, true)
    for (let group = 0; group < 8; group++) {
      const scale = d * groupScale(bytes, at + 4, group)
      const minimum = m * groupMinimum(bytes, at + 4, group)
      const pairs = at + 16 + (group >> 1) * 32
      const shift = (group & 1) * 4
      for (let i = 0; i < 32; i++) {
        out[to + group * 32 + i] = scale * ((bytes[pairs + i]! >> shift) & 15) - minimum
      }
    }
  },
  Q5_K(bytes, view, at, out, to) {
    const d = view.getFloat16(at, true)
    const m = view.getFloat16(at + 2, true)
    for (let group = 0; group < 8; group++) {
      const scale = d * groupScale(bytes, at + 4, group)
      const minimum = m * groupMinimum(bytes, at + 4, group)
      const pairs = at + 48 + (group >> 1) * 32
      const shift = (group & 1) * 4
      for (let i = 0; i < 32; i++) {
        const fifth = (bytes[at + 16 + i]! >> group) & 1
        out[to + group * 32 + i] = scale * (((bytes[pairs + i]! >> shift) & 15) | (fifth << 4)) - minimum
      }
    }
  },
  Q6_K(bytes, view, at, out, to) {
    const d = view.getFloat16(at + 208, true)
    // two halves of 128 numbers, each four runs of 32 that share their high bits' bytes
    for (let run = 0; run < 8; run++) {
      const half = run >> 2
      const low = at + half * 64 + (run & 1) * 32
      const high = at + 128 + half * 32
      const lowShift = (run & 2) * 2
      const highShift = (run & 3) * 2
      for (let i = 0; i < 32; i++) {
        const q = ((bytes[low + i]! >> lowShift) & 15) | (((bytes[high + i]! >> highShift) & 3) << 4)
        const scale = d * view.getInt8(at + 192 + run * 2 + (i >> 4))
        out[to + run * 32 + i] = scale * (q - 32)
      }
    }
  },
}

/** Six bits of group 0…7; those of the last four are in two pieces. */
function groupScale(bytes: Uint8Array, at: number, group: number): number {
  return group < 4
    ? bytes[at + group]! & 63
    : (bytes[at + group + 4]! & 15) | ((bytes[at + group - 4]! >> 6) << 4)
}

function groupMinimum(bytes: Uint8Array, at: number, group: number): number {
  return group < 4
    ? bytes[at + group + 4]! & 63
    : (bytes[at + group + 4]! >> 4) | ((bytes[at + group]! >> 6) << 4)
}
