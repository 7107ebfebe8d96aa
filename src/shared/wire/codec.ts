// Frames as bytes, for ports that carry bytes: MessagePack, with typed arrays as they lie in memory (never JSON).
import { decode, encode, ExtensionCodec } from '@msgpack/msgpack'
import { expected } from '../errors.ts'
import { type Frame, frameSchema } from './frames.ts'

type NumberArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Uint8ClampedArray

interface ArrayType {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBuffer): NumberArray
}

/** The position is the extension's number on the wire: append, never reorder. Uint8Array is MessagePack's own. */
const arrayTypes: readonly ArrayType[] = [
  Int8Array,
  Int16Array,
  Int32Array,
  Uint16Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  Uint8ClampedArray,
]

const extensions = new ExtensionCodec()
for (const [type, ArrayClass] of arrayTypes.entries()) {
  extensions.register({
    type,
    encode: (value) =>
      value instanceof (ArrayClass as unknown as new () => NumberArray)
        ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
        : null,
    // copied, because a view into the frame is seldom aligned
    decode: (bytes) => new ArrayClass(bytes.slice().buffer),
  })
}

// MessagePack would take any other view for its bytes, and its type would be lost without a word
extensions.register({
  type: 127,
  encode: (value) => {
    if (value instanceof ArrayBuffer || (ArrayBuffer.isView(value) && !(value instanceof Uint8Array)))
      throw new TypeError(`The wire does not carry a ${value.constructor.name}.`)
    return null
  },
  decode: () => undefined,
})

/** One frame as bytes. */
export function encodeFrame(frame: Frame): Uint8Array<ArrayBuffer> {
  return encode(frame, { extensionCodec: extensions, ignoreUndefined: true })
}

/** Whatever these bytes hold, or undefined when they hold nothing readable; `parseFrame` judges it. */
export function decodeBytes(bytes: Uint8Array): unknown {
  try {
    // every element takes a byte, so a longer list is a lie; believing it would reserve its memory
    const most = bytes.length
    return decode(bytes, { extensionCodec: extensions, maxArrayLength: most, maxMapLength: most })
  } catch {
    return undefined
  }
}

/** `raw` as a frame; throws `wire/malformed`. */
export function parseFrame(raw: unknown): Frame {
  const parsed = frameSchema.safeParse(raw)
  if (!parsed.success) throw malformed(parsed.error)
  return parsed.data
}

function malformed(cause: unknown) {
  return expected(
    'wire/malformed',
    'The other side sent something that is not a Monoscope frame.',
    'Reload the page, or update whichever of the two is older.',
    cause,
  )
}
