// A tiny shared library made by hand: only what the loader's first look needs.

const DYNAMIC_AT = 0x1000
const ADDRESS = 0x400000

/** An x64 ELF file that needs the libraries named; it has no code. */
export function tinyElf(needed: readonly string[], { soname = '', runpath = '' } = {}): Buffer {
  const strings = ['', ...needed, soname, runpath]
  const table = Buffer.from(strings.map((text) => `${text}\0`).join(''))
  const offsetOf = (index: number) =>
    Buffer.byteLength(
      strings
        .slice(0, index)
        .map((text) => `${text}\0`)
        .join(''),
    )
  const entries: [number, number][] = needed.map((_, index) => [1, offsetOf(index + 1)])
  if (soname) entries.push([14, offsetOf(needed.length + 1)])
  if (runpath) entries.push([29, offsetOf(needed.length + 2)])
  const stringsAt = DYNAMIC_AT + (entries.length + 3) * 16
  entries.push([5, ADDRESS + stringsAt], [10, table.length], [0, 0])
  const file = Buffer.alloc(stringsAt + table.length)

  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(3, 16)
  file.writeUInt16LE(62, 18)
  file.writeBigUInt64LE(64n, 32)
  file.writeUInt16LE(56, 54)
  file.writeUInt16LE(2, 56)
  const segments = [
    { type: 1, offset: 0, bytes: file.length },
    { type: 2, offset: DYNAMIC_AT, bytes: entries.length * 16 },
  ]
  for (const [index, { type, offset, bytes }] of segments.entries()) {
    const at = 64 + index * 56
    file.writeUInt32LE(type, at)
    file.writeBigUInt64LE(BigInt(offset), at + 8)
    file.writeBigUInt64LE(BigInt(ADDRESS + offset), at + 16)
    file.writeBigUInt64LE(BigInt(bytes), at + 32)
  }
  for (const [index, [tag, value]] of entries.entries()) {
    file.writeBigUInt64LE(BigInt(tag), DYNAMIC_AT + index * 16)
    file.writeBigUInt64LE(BigInt(value), DYNAMIC_AT + index * 16 + 8)
  }
  table.copy(file, stringsAt)
  return file
}
