// Safetensors headers: what is there is found where it lies, and what is wrong is one clear error.
import { readFileSync } from 'node:fs'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSafetensorsHeader } from '../../../src/main/llama/safetensors.ts'
import { SafetensorsWriter } from '../../../src/main/llama/safetensors-writer.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const golden = join(import.meta.dirname, '../../golden/gguf-blocks.safetensors')

describe('a safetensors header', () => {
  it('says what is in the file and where', async () => {
    const { tensors } = await readSafetensorsHeader(golden)
    const tensor = tensors.get('Q8_0.values')!
    expect(tensor).toMatchObject({ dtype: 'F32', shape: [4, 32], length: 512 })
    const bytes = readFileSync(golden)
    const first = tensors.get('Q8_0.bytes')!
    // the first number is the first block's scale times its first integer
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    const scale = view.getFloat16(first.offset, true)
    expect(view.getFloat32(tensor.offset, true)).toBe(scale * view.getInt8(first.offset + 2))
  })

  it('is read back as it was written, with empty tensors and metadata', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    const planned = [
      { name: 'a', dtype: 'F16', shape: [2, 3] },
      { name: 'none', dtype: 'F32', shape: [0, 7] },
      { name: 'b', dtype: 'U8', shape: [] },
    ] as const
    const writer = await SafetensorsWriter.create(path, planned, { kind: 'test' })
    await writer.write(new Uint8Array(5).fill(1))
    await writer.write(new Uint8Array(8).fill(2))
    await writer.commit()
    const { tensors, metadata } = await readSafetensorsHeader(path)
    expect(metadata).toEqual({ kind: 'test' })
    expect([...tensors.keys()]).toEqual(['a', 'none', 'b'])
    const { offset } = tensors.get('a')!
    expect(offset % 8).toBe(0)
    expect(tensors.get('b')).toEqual({ dtype: 'U8', shape: [], offset: offset + 12, length: 1 })
    expect([...(await readFile(path)).subarray(offset)]).toEqual([1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2])
  })

  it('is not written for numbers that do not come', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    const writer = await SafetensorsWriter.create(path, [{ name: 'a', dtype: 'F32', shape: [4] }], {})
    await writer.write(new Uint8Array(12))
    await expect(writer.commit()).rejects.toThrow('4 of the planned bytes were not written')
    await expect(readFile(path)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

const entry = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }

describe('a safetensors file is refused', () => {
  const wrong: readonly [what: string, header: unknown, message: string | RegExp][] = [
    [
      'with overlapping tensors',
      { a: entry, b: { ...entry, data_offsets: [4, 12] } },
      'a and b overlap at byte',
    ],
    ['whose sizes do not fit', { a: { ...entry, shape: [3] } }, 'a has 8 bytes, and F32[3] takes 12'],
    ['of an unknown type', { a: { ...entry, dtype: 'F4' } }, 'a has the unknown type F4'],
    ['whose type is a trap', { a: { ...entry, dtype: 'constructor' } }, 'a has the unknown type constructor'],
    [
      'that ends before it begins',
      { a: { ...entry, data_offsets: [8, 0] } },
      'a ends (0) before it begins (8)',
    ],
    ['with a negative size', { a: { ...entry, shape: [-2] } }, /entry of a is wrong \(shape\.0/],
    [
      'with a size beyond all numbers',
      { a: { ...entry, shape: [2 ** 60] } },
      /entry of a is wrong \(shape\.0/,
    ],
    ['with sizes whose product overflows', { a: { ...entry, shape: [2 ** 50, 2 ** 50] } }, /takes 5\.07/],
    ['without offsets', { a: { dtype: 'F32', shape: [2] } }, /entry of a is wrong \(data_offsets/],
    ['with metadata that are no texts', { __metadata__: { a: 1 } }, 'its __metadata__ is no object of texts'],
  ]
  it.each(wrong)('%s', async (_what, header, message) => {
    const path = await fileWith(JSON.stringify(header), 16)
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      kind: 'expected',
      code: 'safetensors/malformed',
      message: (typeof message === 'string'
        ? expect.stringContaining(message)
        : expect.stringMatching(message)) as string,
    })
  })

  it.each([
    ['with a name twice', '{"a":1,"\\u0061":2}', 'is given twice'],
    ['nested without end', `{"a":${'['.repeat(50_000)}`, 'more than 3 levels'],
    ['cut off', '{"a":', 'JSON'],
    ['that is no text', Buffer.from([0x7b, 0xff, 0xff, 0x7d]), 'it is not UTF-8 text'],
  ])('%s', async (_what, header, message) => {
    await expect(readSafetensorsHeader(await fileWith(header, 0))).rejects.toMatchObject({
      code: 'checkpoint/bad-json',
      message: expect.stringContaining(message) as string,
    })
  })

  it.each([2n ** 63n, 2n ** 64n - 1n, 100_000n])('whose header claims %s bytes', async (claimed) => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    const bytes = Buffer.alloc(64, 0x7b)
    bytes.writeBigUInt64LE(claimed)
    await writeFile(path, bytes)
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: 'safetensors/malformed',
      message: expect.stringContaining(`its header claims ${claimed} bytes, and the file has 64`) as string,
    })
  })

  it('whose header is as large as the file allows, and larger than any model’s', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    const bytes = Buffer.alloc(8)
    bytes.writeBigUInt64LE(90_000_000n)
    await writeFile(path, bytes)
    await truncate(path, 100_000_000)
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({ code: 'safetensors/malformed' })
  })

  it.each([0, 7])('of %i bytes', async (length) => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    await writeFile(path, Buffer.alloc(length))
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({ code: 'checkpoint/truncated' })
  })

  it('that ends before its numbers', async () => {
    const header = JSON.stringify({ a: entry })
    const path = await fileWith(header, 7)
    const end = 8 + header.length + 8
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: 'checkpoint/truncated',
      message: `${path} is too short: a ends at byte ${end}, and the file has ${end - 1} bytes.`,
    })
  })

  it('that only points to it', async () => {
    const path = join(await temporaryFolder(), 'a.safetensors')
    await writeFile(path, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 538090408\n')
    await expect(readSafetensorsHeader(path)).rejects.toMatchObject({
      code: 'checkpoint/pointer',
      hint: expect.stringContaining('git lfs pull') as string,
    })
  })

  it('that is a folder', async () => {
    await expect(readSafetensorsHeader(await temporaryFolder())).rejects.toMatchObject({
      code: 'checkpoint/not-a-file',
    })
  })
})

async function fileWith(header: string | Buffer, bytes: number): Promise<string> {
  const text = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const path = join(await temporaryFolder(), 'a.safetensors')
  await writeFile(path, Buffer.concat([length, text, Buffer.alloc(bytes)]))
  return path
}
