// GGUF files for tests, written value by value so that any of them can be wrong.
const types = { uint32: 4, int32: 5, float32: 6, boolean: 7, text: 8, list: 9, uint64: 10 } as const

/** What can stand in a file: the kind, then the value; a list's kind is that of its values. */
export type Entry =
  | readonly ['uint32' | 'int32' | 'float32' | 'uint64', number]
  | readonly ['boolean', boolean]
  | readonly ['text', string]
  | readonly ['list', 'text' | 'uint32' | 'int32' | 'float32', readonly (string | number)[]]

export interface GgufTensorData {
  /** As in PyTorch: (out, in). */
  readonly shape: readonly number[]
  /** As files number them: 0 is F32. */
  readonly type: number
  readonly bytes: Uint8Array
}

export interface GgufParts {
  readonly version?: number
  readonly metadata: Readonly<Record<string, Entry>>
  readonly tensors: Readonly<Record<string, GgufTensorData>>
}

export function ggufFile({ version = 3, metadata, tensors }: GgufParts): Buffer {
  const alignment = 32
  const parts: Buffer[] = [
    Buffer.from('GGUF'),
    number('uint32', version),
    number('uint64', Object.keys(tensors).length),
    number('uint64', Object.keys(metadata).length),
  ]
  for (const [key, entry] of Object.entries(metadata)) parts.push(text(key), ...value(entry))
  let offset = 0
  const data: Buffer[] = []
  for (const [name, { shape, type, bytes }] of Object.entries(tensors)) {
    parts.push(text(name), number('uint32', shape.length))
    parts.push(...shape.toReversed().map((size) => number('uint64', size)))
    parts.push(number('uint32', type), number('uint64', offset))
    const padded = Buffer.alloc(Math.ceil(bytes.byteLength / alignment) * alignment)
    padded.set(bytes)
    data.push(padded)
    offset += padded.length
  }
  const header = Buffer.concat(parts)
  const padding = Buffer.alloc((alignment - (header.length % alignment)) % alignment)
  return Buffer.concat([header, padding, ...data])
}

export function float32Bytes(numbers: readonly number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(numbers).buffer)
}

function value(entry: Entry): Buffer[] {
  if (entry[0] !== 'list') return [number('uint32', types[entry[0]]), item(entry[0], entry[1])]
  const [, kind, values] = entry
  const head = [number('uint32', types.list), number('uint32', types[kind]), number('uint64', values.length)]
  return [...head, ...values.map((one) => item(kind, one))]
}

function item(kind: Entry[0], one: string | number | boolean): Buffer {
  if (kind === 'text') return text(one as string)
  if (kind === 'boolean') return Buffer.from([one === true ? 1 : 0])
  return number(kind as 'uint32', one as number)
}

function text(content: string): Buffer {
  const bytes = Buffer.from(content)
  return Buffer.concat([number('uint64', bytes.length), bytes])
}

function number(kind: 'uint32' | 'int32' | 'float32' | 'uint64', of: number): Buffer {
  const bytes = Buffer.alloc(kind === 'uint64' ? 8 : 4)
  if (kind === 'uint64') bytes.writeBigUInt64LE(BigInt(of))
  else if (kind === 'float32') bytes.writeFloatLE(of)
  else if (kind === 'int32') bytes.writeInt32LE(of)
  else bytes.writeUInt32LE(of)
  return bytes
}
