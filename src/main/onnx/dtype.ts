// Element types of tensors: their ONNX codes, sizes and JavaScript arrays.
import { TensorProto_DataType } from './proto/onnx_pb.js'

interface DtypeFacts {
  /** As ONNX files number it. */
  readonly code: TensorProto_DataType
  readonly bytes: number
  readonly floating: boolean
}

const facts = {
  float32: { code: TensorProto_DataType.FLOAT, bytes: 4, floating: true },
  float16: { code: TensorProto_DataType.FLOAT16, bytes: 2, floating: true },
  bfloat16: { code: TensorProto_DataType.BFLOAT16, bytes: 2, floating: true },
  float64: { code: TensorProto_DataType.DOUBLE, bytes: 8, floating: true },
  int64: { code: TensorProto_DataType.INT64, bytes: 8, floating: false },
  int32: { code: TensorProto_DataType.INT32, bytes: 4, floating: false },
  uint16: { code: TensorProto_DataType.UINT16, bytes: 2, floating: false },
  int8: { code: TensorProto_DataType.INT8, bytes: 1, floating: false },
  uint8: { code: TensorProto_DataType.UINT8, bytes: 1, floating: false },
  bool: { code: TensorProto_DataType.BOOL, bytes: 1, floating: false },
} as const satisfies Record<string, DtypeFacts>

export type Dtype = keyof typeof facts

export const dtypes: Readonly<Record<Dtype, DtypeFacts>> = facts

/** What holds a tensor's elements in JavaScript. */
export type TensorData =
  | Float32Array
  | Float16Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Uint16Array
  | Int8Array
  | Uint8Array

/** `numbers` as an array of that type; bool and bfloat16 have none of their own and are bytes and bit patterns. */
export function tensorData(dtype: Dtype, numbers: readonly number[]): TensorData {
  switch (dtype) {
    case 'float32':
      return Float32Array.from(numbers)
    case 'float16':
      return Float16Array.from(numbers)
    case 'float64':
      return Float64Array.from(numbers)
    case 'int64':
      return BigInt64Array.from(numbers, (number) => BigInt(number))
    case 'int32':
      return Int32Array.from(numbers)
    case 'uint16':
      return Uint16Array.from(numbers)
    case 'bfloat16': {
      // the upper half of a float32, rounded to even
      const bits = new Uint32Array(Float32Array.from(numbers).buffer)
      return Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16)
    }
    case 'int8':
      return Int8Array.from(numbers)
    case 'uint8':
    case 'bool':
      return Uint8Array.from(numbers)
  }
}
