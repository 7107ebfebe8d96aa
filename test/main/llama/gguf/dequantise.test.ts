// Every block type against the values of the reference implementation.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { blockTypes } from '../../../../src/main/llama/gguf/block-types.ts'
import { dequantise } from '../../../../src/main/llama/gguf/dequantise.ts'
import { readSafetensorsHeader } from '../../../../src/main/llama/safetensors.ts'

const path = join(import.meta.dirname, '../../../golden/gguf-blocks.safetensors')
const quantised = [...blockTypes.values()].filter((type) => type.quantised)

it.each(quantised)('$name becomes the reference’s numbers, bit for bit', async (type) => {
  const { tensors } = await readSafetensorsHeader(path)
  const file = readFileSync(path)
  const bytes = tensors.get(`${type.name}.bytes`)!
  const values = tensors.get(`${type.name}.values`)!
  expect(bytes.shape).toEqual([4, type.bytes])
  const out = new Float32Array(4 * type.elements)
  dequantise(type, file.subarray(bytes.offset, bytes.offset + bytes.length), out)
  const wanted = Float32Array.from({ length: values.length / 4 }, (_, i) =>
    file.readFloatLE(values.offset + i * 4),
  )
  expect(out).toEqual(wanted)
})

it('numbers that are not whole blocks are a mistake of ours', () => {
  const [type] = quantised
  expect(() => dequantise(type!, new Uint8Array(type!.bytes), new Float32Array(31))).toThrow(
    'do not make 31 numbers',
  )
})
