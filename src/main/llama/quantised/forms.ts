// Every quantised type of GGUF as scale · (q − middle) + offset over short blocks, number for number what the file says.

/**
 * How a matrix is held for products: 4- or 8-bit numbers q in blocks along a row, each block with a scale and, where the
 * type has minima, an offset; a weight is scale · (q − 2^(bits − 1)) + offset.
 */
export interface Form {
  readonly bits: 4 | 8
  /** Numbers that share a scale and an offset. */
  readonly block: 16 | 32
  readonly offsets: boolean
}

/** A run of whole blocks in its form. */
export interface Quantised {
  /** Block after block; of two 4-bit numbers in a byte the first is the lower half. */
  readonly numbers: Uint8Array
  /** One a block. */
  readonly scales: Float32Array
  /** One a block; empty when the form has none. */
  readonly offsets: Float32Array
}

/** Of one block as a file has it; some have several of ours. */
interface Unpacked {
  /** As stored, not negative. */
  readonly codes: Uint8Array
  readonly scales: Float64Array
  /** The weight that code 0 stands for. */
  readonly lowest: Float64Array
}

interface Layout extends Form {
  /** Numbers and bytes of one block in a file. */
  readonly elements: number
  readonly bytes: number
  /** The code that takes the middle's place; what is below and above it fits around the middle. */
  readonly centre: number
  unpack(bytes: Uint8Array, at: number, into: Unpacked): void
}

/** Quantised types of GGUF, by name. */
const layouts: Readonly<Record<string, Layout>> = {
  Q4_0: simple(4, false, 18, (bytes, at, into) => {
    const scale = half(bytes, at)
    nibbles(bytes, at + 2, into.codes)
    fill(into, scale, -8 * scale)
  }),
  Q4_1: simple(4, true, 20, (bytes, at, into) => {
    nibbles(bytes, at + 4, into.codes)
    fill(into, half(bytes, at), half(bytes, at + 2))
  }),
  Q5_0: simple(8, false, 22, (bytes, at, into) => {
    const scale = half(bytes, at)
    nibbles(bytes, at + 6, into.codes)
    fifthBits(bytes, at + 2, into.codes)
    fill(into, scale, -16 * scale)
  }),
  Q5_1: simple(8, true, 24, (bytes, at, into) => {
    nibbles(bytes, at + 8, into.codes)
    fifthBits(bytes, at + 4, into.codes)
    fill(into, half(bytes, at), half(bytes, at + 2))
  }),
  Q8_0: {
    ...simple(8, false, 34, (bytes, at, into) => {
      const scale = half(bytes, at)
      for (let index = 0; index < 32; index++) into.codes[index] = (bytes[at + 2 + index]! + 128) & 255
      fill(into, scale, -128 * scale)
    }),
    centre: 128,
  },
  Q4_K: {
    ...{ bits: 4, block: 32, offsets: true, elements: 256, bytes: 144, centre: 8 },
    unpack: (bytes, at, into) => {
      packedScales(bytes, at, into)
      for (let pair = 0; pair < 4; pair++) halves(bytes, at + 16 + 32 * pair, into.codes, 64 * pair)
    },
  },
  Q5_K: {
    ...{ bits: 8, block: 32, offsets: true, elements: 256, bytes: 176, centre: 16 },
    unpack: (bytes, at, into) => {
      packedScales(bytes, at, into)
      for (let pair = 0; pair < 4; pair++) halves(bytes, at + 48 + 32 * pair, into.codes, 64 * pair)
      for (let index = 0; index < 256; index++) {
        const bit = (bytes[at + 16 + (index & 31)]! >> (index >> 5)) & 1
        into.codes[index] = into.codes[index]! | (bit << 4)
      }
    },
  },
  Q6_K: {
    ...{ bits: 8, block: 16, offsets: false, elements: 256, bytes: 210, centre: 32 },
    unpack: (bytes, at, into) => {
      const scale = half(bytes, at + 208)
      for (let index = 0; index < 256; index++) {
        // of each 128 numbers, 64 bytes hold the lower four bits, 32 bytes the upper two of four numbers each
        const [part, quarter, column] = [index >> 7, (index >> 5) & 3, index & 31]
        const low = bytes[at + 64 * part + 32 * (quarter & 1) + column]! >> (4 * (quarter >> 1))
        const high = bytes[at + 128 + 32 * part + column]! >> (2 * quarter)
        into.codes[index] = (low & 15) | ((high & 3) << 4)
      }
      for (let block = 0; block < 16; block++) {
        const own = scale * int8(bytes[at + 192 + block]!)
        into.scales[block] = own
        into.lowest[block] = -32 * own
      }
    },
  },
}

/** The form that holds a GGUF type exactly; undefined for types that are not read. */
export function formOf(type: string): Form | undefined {
  return layouts[type]
}

/** The narrowest form that holds all of several exactly, so that their matrices can be one. */
export function commonForm(forms: readonly Form[]): Form {
  return {
    bits: forms.some(({ bits }) => bits === 8) ? 8 : 4,
    block: forms.some(({ block }) => block === 16) ? 16 : 32,
    offsets: forms.some(({ offsets }) => offsets),
  }
}

/** Blocks of a file in `form`, which is their type's own or wider; `bytes` are whole blocks of `type`. */
export function quantisedBlocks(type: string, bytes: Uint8Array, form: Form): Quantised {
  const layout = layouts[type]!
  const { elements, centre } = layout
  const runs = bytes.length / layout.bytes
  const own = elements / layout.block
  const wanted = elements / form.block
  const result = emptyQuantised(form, runs * elements)
  const into = {
    codes: new Uint8Array(elements),
    scales: new Float64Array(own),
    lowest: new Float64Array(own),
  }
  const shift = 2 ** (form.bits - 1) - centre
  for (let run = 0; run < runs; run++) {
    layout.unpack(bytes, run * layout.bytes, into)
    pack(into.codes, form.bits, shift, result.numbers, (run * elements * form.bits) / 8)
    for (let index = 0; index < wanted; index++) {
      const from = Math.floor((index * own) / wanted)
      const [scale, lowest] = [into.scales[from]!, into.lowest[from]!]
      result.scales[run * wanted + index] = scale
      if (form.offsets) result.offsets[run * wanted + index] = lowest + centre * scale
    }
  }
  return result
}

/**
 * Plain numbers rounded to `form`: with offsets between the least and the largest of each block, otherwise around 0; off
 * by half a step at most, which at 4 bits with offsets is 1/30 of the block's range, at 8 bits around 0 1/254 of its
 * largest number.
 */
export function quantisedFloats(weights: Float32Array, form: Form): Quantised {
  const { bits, block, offsets } = form
  const [middle, top] = [2 ** (bits - 1), 2 ** bits - 1]
  const result = emptyQuantised(form, weights.length)
  const codes = new Uint8Array(block)
  for (let run = 0; run < result.scales.length; run++) {
    const from = run * block
    let least = weights[from]!
    let largest = least
    for (let index = from + 1; index < from + block; index++) {
      const weight = weights[index]!
      if (weight < least) least = weight
      if (weight > largest) largest = weight
    }
    const scale = Math.fround(
      offsets ? (largest - least) / top : Math.max(Math.abs(least), Math.abs(largest)) / (middle - 1),
    )
    const lowest = offsets ? least : -middle * scale
    const inverse = scale === 0 ? 0 : 1 / scale
    for (let index = 0; index < block; index++) {
      // what the array rounds down is not negative, and at most a rounding error above the top
      codes[index] = Math.min(top, (weights[from + index]! - lowest) * inverse + 0.5)
    }
    pack(codes, bits, 0, result.numbers, (from * bits) / 8)
    result.scales[run] = scale
    if (offsets) result.offsets[run] = lowest + middle * scale
  }
  return result
}

/** Room for `count` numbers. */
export function emptyQuantised({ bits, block, offsets }: Form, count: number): Quantised {
  return {
    numbers: new Uint8Array((count * bits) / 8),
    scales: new Float32Array(count / block),
    offsets: new Float32Array(offsets ? count / block : 0),
  }
}

function pack(codes: Uint8Array, bits: 4 | 8, shift: number, numbers: Uint8Array, at: number): void {
  if (bits === 8) {
    for (let index = 0; index < codes.length; index++) numbers[at + index] = codes[index]! + shift
  } else {
    for (let index = 0; index < codes.length; index += 2) {
      numbers[at + (index >> 1)] = (codes[index]! + shift) | ((codes[index + 1]! + shift) << 4)
    }
  }
}

/** A type with one scale for 32 numbers. */
function simple(bits: 4 | 8, offsets: boolean, bytes: number, unpack: Layout['unpack']): Layout {
  return { bits, block: 32, offsets, elements: 32, bytes, centre: bits === 4 ? 8 : 16, unpack }
}

function fill({ scales, lowest }: Unpacked, scale: number, least: number): void {
  scales[0] = scale
  lowest[0] = least
}

/** 32 numbers in 16 bytes: the lower halves, then the upper halves. */
function nibbles(bytes: Uint8Array, at: number, codes: Uint8Array): void {
  for (let index = 0; index < 16; index++) {
    codes[index] = bytes[at + index]! & 15
    codes[index + 16] = bytes[at + index]! >> 4
  }
}

/** 64 numbers in 32 bytes, likewise. */
function halves(bytes: Uint8Array, at: number, codes: Uint8Array, to: number): void {
  for (let index = 0; index < 32; index++) {
    codes[to + index] = bytes[at + index]! & 15
    codes[to + index + 32] = bytes[at + index]! >> 4
  }
}

/** The fifth bit of each of 32 numbers. */
function fifthBits(bytes: Uint8Array, at: number, codes: Uint8Array): void {
  for (let index = 0; index < 32; index++) {
    const bit = (bytes[at + (index >> 3)]! >> (index & 7)) & 1
    codes[index] = codes[index]! | (bit << 4)
  }
}

/** Scale and minimum of eight blocks, 6 bits each in 12 bytes, each kind with a factor of its own before them. */
function packedScales(bytes: Uint8Array, at: number, { scales, lowest }: Unpacked): void {
  const [scale, minimum] = [half(bytes, at), half(bytes, at + 2)]
  const packed = (index: number) => bytes[at + 4 + index]!
  for (let block = 0; block < 8; block++) {
    const [low, high] =
      block < 4
        ? [packed(block) & 63, packed(block + 4) & 63]
        : [
            (packed(block + 4) & 15) | ((packed(block - 4) >> 6) << 4),
            (packed(block + 4) >> 4) | ((packed(block) >> 6) << 4),
          ]
    scales[block] = scale * low
    lowest[block] = -minimum * high
  }
}

function int8(byte: number): number {
  return (byte << 24) >> 24
}

const halfBits = new Uint16Array(1)
const halfValue = new Float16Array(halfBits.buffer)

function half(bytes: Uint8Array, at: number): number {
  halfBits[0] = bytes[at]! | (bytes[at + 1]! << 8)
  return halfValue[0]!
}
