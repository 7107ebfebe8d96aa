// Reads from a shared library what the loader reads: its name, the libraries it needs, and where it looks for them.
import { type FileHandle, open } from 'node:fs/promises'
import { expected } from '../../../shared/errors.ts'

export interface SharedLibrary {
  readonly machine: 'x64' | 'arm64' | 'other'
  readonly soname: string | null
  /** DT_NEEDED, in order: without each of these the loader refuses the library. */
  readonly needed: readonly string[]
  /** DT_RUNPATH and DT_RPATH, "$ORIGIN" not yet replaced. */
  readonly runpath: readonly string[]
}

const HEADER = 64
const PROGRAM_HEADER = 56
const LOAD = 1
const DYNAMIC = 2
const [NEEDED, STRTAB, STRSZ, SONAME, RPATH, RUNPATH] = [1, 5, 10, 14, 15, 29]
/** Bounds, so that a damaged file costs neither memory nor time: far above what any library has. */
const MOST_HEADERS = 1_024
const MOST_DYNAMIC = 1024 * 1024
const MOST_STRINGS = 16 * 1024 * 1024

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly bytes: number
}

/** Reads a 64-bit little-endian ELF file; throws `elf/malformed` for anything else, damaged files included. */
export async function readSharedLibrary(path: string): Promise<SharedLibrary> {
  const file = await open(path, 'r')
  try {
    return await parse(file, path)
  } finally {
    await file.close()
  }
}

async function parse(file: FileHandle, path: string): Promise<SharedLibrary> {
  const header = await read(file, path, 0, HEADER)
  if (header.readUInt32BE(0) !== 0x7f454c46) throw malformed(path, 'it is no ELF file')
  if (header[4] !== 2 || header[5] !== 1) throw malformed(path, 'it is not 64-bit little-endian')
  const machine = ({ 62: 'x64', 183: 'arm64' } as const)[header.readUInt16LE(18)] ?? 'other'
  const segments = await readSegments(file, path, header)

  const dynamic = segments.find(({ type }) => type === DYNAMIC)
  if (!dynamic) return { machine, soname: null, needed: [], runpath: [] }
  if (dynamic.bytes > MOST_DYNAMIC) throw malformed(path, 'its dynamic section is too long')
  const entries = readEntries(await read(file, path, dynamic.offset, dynamic.bytes))

  const strings = await readStrings(file, path, segments, entries)
  const text = (offset: number) => {
    const end = strings.indexOf(0, offset)
    if (offset >= strings.length || end < 0) throw malformed(path, 'a name lies outside its strings')
    return strings.toString('utf8', offset, end)
  }
  const all = (tag: number) => entries.filter((entry) => entry.tag === tag).map(({ value }) => text(value))
  return {
    machine,
    soname: all(SONAME)[0] ?? null,
    needed: all(NEEDED),
    runpath: [...all(RUNPATH), ...all(RPATH)].flatMap((paths) => paths.split(':').filter(Boolean)),
  }
}

async function readSegments(file: FileHandle, path: string, header: Buffer): Promise<Segment[]> {
  const size = header.readUInt16LE(54)
  const count = header.readUInt16LE(56)
  if (size !== PROGRAM_HEADER || count > MOST_HEADERS) throw malformed(path, 'its program headers are odd')
  const table = await read(file, path, Number(header.readBigUInt64LE(32)), size * count)
  return Array.from({ length: count }, (_, index) => {
    const at = index * size
    return {
      type: table.readUInt32LE(at),
      offset: Number(table.readBigUInt64LE(at + 8)),
      address: Number(table.readBigUInt64LE(at + 16)),
      bytes: Number(table.readBigUInt64LE(at + 32)),
    }
  })
}

/** The (tag, value) pairs up to the first null entry. */
function readEntries(section: Buffer): { tag: number; value: number }[] {
  const entries: { tag: number; value: number }[] = []
  for (let at = 0; at + 16 <= section.length; at += 16) {
    const tag = Number(section.readBigInt64LE(at))
    if (tag === 0) break
    entries.push({ tag, value: Number(section.readBigUInt64LE(at + 8)) })
  }
  return entries
}

/** The string table, whose address in memory is turned into a place in the file. */
async function readStrings(
  file: FileHandle,
  path: string,
  segments: readonly Segment[],
  entries: readonly { tag: number; value: number }[],
): Promise<Buffer> {
  const value = (tag: number) => entries.find((entry) => entry.tag === tag)?.value
  const address = value(STRTAB)
  const bytes = value(STRSZ)
  if (address === undefined || bytes === undefined) return Buffer.alloc(0)
  if (bytes > MOST_STRINGS) throw malformed(path, 'its strings are too long')
  const home = segments.find(
    (segment) =>
      segment.type === LOAD &&
      address >= segment.address &&
      address + bytes <= segment.address + segment.bytes,
  )
  if (!home) throw malformed(path, 'its strings lie nowhere')
  return read(file, path, home.offset + address - home.address, bytes)
}

async function read(file: FileHandle, path: string, offset: number, bytes: number): Promise<Buffer> {
  if (!Number.isSafeInteger(offset + bytes)) throw malformed(path, 'it points outside itself')
  const buffer = Buffer.alloc(bytes)
  const { bytesRead } = await file.read(buffer, 0, bytes, offset)
  if (bytesRead !== bytes) throw malformed(path, 'it ends too early')
  return buffer
}

function malformed(path: string, why: string): Error {
  return expected('elf/malformed', `${path} is no shared library of this system: ${why}.`)
}
