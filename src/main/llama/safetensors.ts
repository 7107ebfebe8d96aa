// Reads what a safetensors file holds and where: the header is checked against the file, the numbers stay where they lie.
import { z } from 'zod'
import { expected, type MonoscopeError } from '../../shared/errors.ts'
import { parseBoundedJson } from './bounded-json.ts'
import { type InputFile, refusePointer, withInputFile } from './input-file.ts'

/** Bytes of one element, by the format's name. */
export const elementBytes = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
  F8_E8M0: 1,
  U16: 2,
  I16: 2,
  F16: 2,
  BF16: 2,
  U32: 4,
  I32: 4,
  F32: 4,
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
} as const

export type SafetensorsDtype = keyof typeof elementBytes

/** One tensor where it lies; bytes from the file's beginning. */
export interface StoredTensor {
  readonly dtype: SafetensorsDtype
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
}

export interface SafetensorsHeader {
  readonly tensors: ReadonlyMap<string, StoredTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** Far beyond the tensors of the largest models (a hundred bytes each), and no burden to hold. */
const MAX_HEADER_BYTES = 16 * 1024 * 1024
const MAX_VALUES = 1_000_000
/** The file's object, a tensor's, and its lists. */
const DEPTH = 3

const size = z.int().min(0)
const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(size),
  data_offsets: z.tuple([size, size]),
})
const metadataSchema = z.record(z.string(), z.string())

/** Throws `disk/…`, `checkpoint/truncated`, `checkpoint/bad-json`, or `safetensors/…` naming the tensor. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withInputFile(path, async (file) => {
    await refusePointer(file)
    const { bytes, end } = await headerBytes(file)
    const json = parseBoundedJson(bytes, {
      source: `the header of ${path}`,
      depth: DEPTH,
      values: MAX_VALUES,
    })
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      throw malformed(path, 'its header is no object of tensors')
    }
    const tensors = new Map<string, StoredTensor>()
    let metadata: Record<string, string> = {}
    for (const [name, value] of Object.entries(json)) {
      if (name === '__metadata__') metadata = checkedMetadata(value, path)
      else tensors.set(name, checkedTensor(name, value, { path, begin: end, size: file.size }))
    }
    refuseOverlaps(tensors, path)
    return { tensors, metadata }
  })
}

async function headerBytes(file: InputFile): Promise<{ bytes: Buffer; end: number }> {
  const length = (await file.read(0, 8)).readBigUInt64LE()
  if (length > BigInt(Math.max(file.size - 8, 0))) {
    throw malformed(file.path, `its header claims ${length} bytes, and the file has ${file.size}`)
  }
  if (length > MAX_HEADER_BYTES) {
    throw malformed(
      file.path,
      `its header claims ${length} bytes, more than the ${MAX_HEADER_BYTES} any model needs`,
    )
  }
  const bytes = await file.read(8, Number(length))
  if (bytes[0] !== 0x7b) throw malformed(file.path, 'its header does not begin with "{"')
  return { bytes, end: 8 + Number(length) }
}

function checkedMetadata(value: unknown, path: string): Record<string, string> {
  const parsed = metadataSchema.safeParse(value)
  if (!parsed.success) throw malformed(path, 'its __metadata__ is no object of texts')
  return parsed.data
}

function checkedTensor(
  name: string,
  value: unknown,
  file: { path: string; begin: number; size: number },
): StoredTensor {
  const parsed = entrySchema.safeParse(value)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw malformed(file.path, `the entry of ${name} is wrong (${issue?.path.join('.')}: ${issue?.message})`)
  }
  const { dtype, shape, data_offsets } = parsed.data
  if (!isDtype(dtype)) throw malformed(file.path, `${name} has the unknown type ${dtype}`)
  const [from, to] = data_offsets
  if (to < from) throw malformed(file.path, `${name} ends (${to}) before it begins (${from})`)
  const needed = shape.reduce((a, b) => a * b, elementBytes[dtype])
  if (needed !== to - from) {
    throw malformed(
      file.path,
      `${name} has ${to - from} bytes, and ${dtype}[${shape.join(', ')}] takes ${needed}`,
    )
  }
  if (to > file.size - file.begin) {
    throw expected(
      'checkpoint/truncated',
      `${file.path} is too short: ${name} ends at byte ${file.begin + to}, and the file has ${file.size} bytes.`,
      'The file was not copied or downloaded completely: fetch it again.',
    )
  }
  return { dtype, shape, offset: file.begin + from, length: to - from }
}

function isDtype(name: string): name is SafetensorsDtype {
  return Object.hasOwn(elementBytes, name)
}

function refuseOverlaps(tensors: ReadonlyMap<string, StoredTensor>, path: string): void {
  const filled = [...tensors].filter(([, { length }]) => length > 0)
  filled.sort(([, a], [, b]) => a.offset - b.offset)
  for (const [index, [name, { offset }]] of filled.entries()) {
    const before = filled[index - 1]
    if (before && before[1].offset + before[1].length > offset) {
      throw malformed(path, `${before[0]} and ${name} overlap at byte ${offset}`)
    }
  }
}

function malformed(path: string, why: string): MonoscopeError {
  return expected(
    'safetensors/malformed',
    `${path} is no valid safetensors file: ${why}.`,
    'The file is damaged: fetch it again.',
  )
}
