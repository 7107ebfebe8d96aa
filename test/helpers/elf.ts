// A tiny shared library made by hand, which the system's loader takes: names, and functions that do nothing.

const DYNAMIC_AT = 0x1000
const ADDRESS = 0x400000
const HEADER = 64
const PROGRAM_HEADER = 56
const SYMBOL = 24

interface TinyElf {
  readonly soname?: string
  readonly runpath?: string
  /** Names of functions it offers. */
  readonly functions?: readonly string[]
}

/** An x64 ELF file that needs the libraries named. */
export function tinyElf(needed: readonly string[], options: TinyElf = {}): Buffer {
  const { soname, runpath, functions = [] } = options
  let names = '\0'
  const nameAt = (name: string) => {
    const at = Buffer.byteLength(names)
    names += `${name}\0`
    return at
  }
  const entries: [number, number][] = needed.map((name) => [1, nameAt(name)])
  if (soname) entries.push([14, nameAt(soname)])
  if (runpath) entries.push([29, nameAt(runpath)])
  const functionNames = functions.map(nameAt)

  const symbols = functions.length + 1
  const hashAt = DYNAMIC_AT + (entries.length + 6) * 16
  // one bucket, which leads through all symbols
  const hash = [1, symbols, symbols > 1 ? 1 : 0, 0, ...functions.map((_, index) => (index + 2) % symbols)]
  const symbolsAt = hashAt + hash.length * 4
  const namesAt = symbolsAt + symbols * SYMBOL
  const codeAt = namesAt + Buffer.byteLength(names)
  entries.push([4, ADDRESS + hashAt], [6, ADDRESS + symbolsAt], [11, SYMBOL])
  entries.push([5, ADDRESS + namesAt], [10, Buffer.byteLength(names)], [0, 0])

  const file = Buffer.alloc(codeAt + 1)
  file.write('\x7fELF\x02\x01\x01', 'latin1')
  file.writeUInt16LE(3, 16)
  file.writeUInt16LE(62, 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(HEADER), 32)
  file.writeUInt16LE(HEADER, 52)
  file.writeUInt16LE(PROGRAM_HEADER, 54)
  file.writeUInt16LE(3, 56)
  const segments = [
    { type: 1, flags: 7, offset: 0, bytes: file.length },
    { type: 2, flags: 6, offset: DYNAMIC_AT, bytes: entries.length * 16 },
    // a stack that is not executable, which newer loaders insist on
    { type: 0x6474e551, flags: 6, offset: 0, bytes: 0 },
  ]
  for (const [index, { type, flags, offset, bytes }] of segments.entries()) {
    const at = HEADER + index * PROGRAM_HEADER
    file.writeUInt32LE(type, at)
    file.writeUInt32LE(flags, at + 4)
    for (const [place, value] of [
      [8, offset],
      [16, ADDRESS + offset],
      [24, ADDRESS + offset],
      [32, bytes],
      [40, bytes],
      [48, 0x1000],
    ] as const) {
      file.writeBigUInt64LE(BigInt(value), at + place)
    }
  }
  for (const [index, [tag, value]] of entries.entries()) {
    file.writeBigUInt64LE(BigInt(tag), DYNAMIC_AT + index * 16)
    file.writeBigUInt64LE(BigInt(value), DYNAMIC_AT + index * 16 + 8)
  }
  for (const [index, value] of hash.entries()) file.writeUInt32LE(value, hashAt + index * 4)
  for (const [index, name] of functionNames.entries()) {
    const at = symbolsAt + (index + 1) * SYMBOL
    file.writeUInt32LE(name, at)
    file[at + 4] = 0x12
    file.writeUInt16LE(1, at + 6)
    file.writeBigUInt64LE(BigInt(ADDRESS + codeAt), at + 8)
  }
  file.write(names, namesAt)
  // ret
  file[codeAt] = 0xc3
  return file
}
