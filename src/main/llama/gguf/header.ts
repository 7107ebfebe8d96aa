// Reads what a GGUF file says of itself and where its tensors lie; the numbers stay in the file.
import { expected } from '../../../shared/errors.ts'
import { type InputFile, refusePointer, withInputFile } from '../input-file.ts'
import { type BlockType, blockTypes, typeName } from './block-types.ts'
import { Cursor, malformed, numberBytes, type NumberKind } from './cursor.ts'

type Single = number | boolean | string
export type MetadataValue = Single | readonly Single[]

/** One tensor where it lies; `shape` as in PyTorch: (out, in). */
export interface GgufTensor {
  readonly type: BlockType
  readonly shape: readonly number[]
  readonly offset: number
  readonly length: number
}

export interface GgufHeader {
  readonly path: string
  readonly metadata: ReadonlyMap<string, MetadataValue>
  readonly tensors: ReadonlyMap<string, GgufTensor>
}

const MAX_TENSORS = 65_536
const MAX_ENTRIES = 65_536
/** Texts and numbers of all lists: three times what the largest vocabularies take. */
const MAX_VALUES = 4_000_000
const DIMENSIONS = 4
const ALIGNMENT = 32
const WIDEST_ALIGNMENT = 65_536

type SingleKind = NumberKind | 'boolean' | 'text'

const kinds: Readonly<Record<number, SingleKind | 'list'>> = {
  0: 'uint8',
  1: 'int8',
  2: 'uint16',
  3: 'int16',
  4: 'uint32',
  5: 'int32',
  6: 'float32',
  7: 'boolean',
  8: 'text',
  9: 'list',
  10: 'uint64',
  11: 'int64',
  12: 'float64',
}

/** Throws `disk/…`, `gguf/malformed`, `gguf/version` or `gguf/type` (naming the tensor). */
export async function readGgufHeader(path: string): Promise<GgufHeader> {
  return withInputFile(path, async (file) => {
    await refusePointer(file)
    const cursor = new Cursor(file)
    await checkVersion(cursor, path)
    const tensorCount = await cursor.count('uint64', 24, MAX_TENSORS, 'tensors')
    const entryCount = await cursor.count('uint64', 13, MAX_ENTRIES, 'metadata entries')
    const metadata = await readMetadata(cursor, entryCount)
    const infos = await readInfos(cursor, tensorCount)
    const alignment = metadata.get('general.alignment') ?? ALIGNMENT
    if (
      typeof alignment !== 'number' ||
      !Number.isInteger(Math.log2(alignment)) ||
      alignment > WIDEST_ALIGNMENT
    ) {
      throw malformed(path, `its alignment ${String(alignment)} is no power of two up to ${WIDEST_ALIGNMENT}`)
    }
    const begin = Math.ceil(cursor.position / alignment) * alignment
    return { path, metadata, tensors: placed(infos, { file, begin, alignment }) }
  })
}

async function checkVersion(cursor: Cursor, path: string): Promise<void> {
  if (cursor.remaining < 24) throw malformed(path, 'it is shorter than the shortest header')
  const magic = await cursor.number('uint32')
  if (magic !== 0x46554747) throw malformed(path, 'it does not begin with "GGUF"')
  const version = await cursor.number('uint32')
  if (version === 2 || version === 3) return
  // the version of a big-endian file, read the wrong way round
  const swapped = version > 0xffff ? ', of the big-endian kind' : ''
  throw expected(
    'gguf/version',
    `${path} has the GGUF version ${version}${swapped}, and 2 and 3 (little-endian) are read.`,
    'Fetch a newer conversion of the model.',
  )
}

async function readMetadata(cursor: Cursor, count: number): Promise<Map<string, MetadataValue>> {
  const metadata = new Map<string, MetadataValue>()
  let values = 0
  for (let index = 0; index < count; index++) {
    const key = await cursor.text(`the name of metadata entry ${index}`)
    if (metadata.has(key)) throw cursor.malformed(`the metadata entry ${key} is there twice`)
    const type = await cursor.number('uint32')
    const kind = kinds[type]
    if (kind === undefined) throw cursor.malformed(`the metadata entry ${key} has the unknown type ${type}`)
    if (kind === 'list') {
      const list = await readList(cursor, key, MAX_VALUES - values)
      values += list.length
      metadata.set(key, list)
    } else {
      metadata.set(key, await readSingle(cursor, kind, key))
    }
  }
  return metadata
}

function readSingle(cursor: Cursor, kind: SingleKind, key: string): Promise<Single> {
  if (kind === 'text') return cursor.text(key)
  if (kind === 'boolean') return cursor.number('uint8').then((byte) => byte !== 0)
  return cursor.number(kind)
}

/** Lists inside lists are nothing that any file has. */
async function readList(cursor: Cursor, key: string, most: number): Promise<Single[]> {
  const type = await cursor.number('uint32')
  const kind = kinds[type]
  if (kind === undefined || kind === 'list') {
    throw cursor.malformed(`the list ${key} has values of the unknown type ${type}`)
  }
  const count = await cursor.count('uint64', smallest(kind), most, `values of ${key}`)
  if (kind === 'text') return cursor.texts(count, key)
  const values: Single[] = []
  for (let index = 0; index < count; index++) values.push(await readSingle(cursor, kind, key))
  return values
}

/** Bytes a value takes at least. */
function smallest(kind: SingleKind): number {
  if (kind === 'text') return 8
  return kind === 'boolean' ? 1 : numberBytes(kind)
}

interface TensorInfo {
  readonly type: BlockType
  readonly shape: readonly number[]
  /** From where the tensors begin. */
  readonly offset: number
}

async function readInfos(cursor: Cursor, count: number): Promise<Map<string, TensorInfo>> {
  const infos = new Map<string, TensorInfo>()
  for (let index = 0; index < count; index++) {
    const name = await cursor.text(`the name of tensor ${index}`)
    if (infos.has(name)) throw cursor.malformed(`the tensor ${name} is there twice`)
    const dimensions = await cursor.count('uint32', 8, DIMENSIONS, `dimensions of ${name}`)
    const shape: number[] = []
    for (let axis = 0; axis < dimensions; axis++) shape.unshift(await cursor.number('uint64'))
    const number = await cursor.number('uint32')
    const offset = await cursor.number('uint64')
    const type = blockTypes.get(number)
    if (!type) {
      throw expected(
        'gguf/type',
        `${name} is stored as ${typeName(number)}, which is not read (${[...blockTypes.values()].map((known) => known.name).join(', ')} are).`,
        'Choose another quantisation of the model, such as Q4_K_M or Q8_0.',
      )
    }
    if (shape.some((size) => size < 1)) throw cursor.malformed(`${name} has no numbers`)
    if (shape.reduce((a, b) => a * b, 1) > Number.MAX_SAFE_INTEGER)
      throw cursor.malformed(`${name} is too large`)
    if ((shape.at(-1) ?? 1) % type.elements !== 0) {
      throw cursor.malformed(
        `the rows of ${name} (${shape.at(-1)}) are no multiple of ${type.name}’s ${type.elements}`,
      )
    }
    infos.set(name, { type, shape, offset })
  }
  return infos
}

/** Where each tensor lies in the file; throws when one leaves it or two overlap. */
function placed(
  infos: ReadonlyMap<string, TensorInfo>,
  { file, begin, alignment }: { file: InputFile; begin: number; alignment: number },
): Map<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>()
  for (const [name, { type, shape, offset }] of infos) {
    const length = (shape.reduce((a, b) => a * b, 1) / type.elements) * type.bytes
    if (offset % alignment !== 0)
      throw malformed(file.path, `${name} begins at ${offset}, which is not aligned`)
    if (offset + length > file.size - begin) {
      throw expected(
        'checkpoint/truncated',
        `${file.path} is too short: ${name} ends at byte ${begin + offset + length}, and the file has ${file.size} bytes.`,
        'The file was not copied or downloaded completely: fetch it again.',
      )
    }
    tensors.set(name, { type, shape, offset: begin + offset, length })
  }
  const ordered = [...tensors].sort(([, a], [, b]) => a.offset - b.offset)
  for (const [index, [name, { offset }]] of ordered.entries()) {
    const before = ordered[index - 1]
    if (before && before[1].offset + before[1].length > offset) {
      throw malformed(file.path, `${before[0]} and ${name} overlap at byte ${offset}`)
    }
  }
  return tensors
}
