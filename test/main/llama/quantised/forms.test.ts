// The forms against the values every block type has in the reference, and plain numbers against their bound.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import {
  commonForm,
  formOf,
  quantisedBlocks,
  quantisedFloats,
} from '../../../../src/main/llama/quantised/forms.ts'
import { readSafetensorsHeader } from '../../../../src/main/llama/safetensors.ts'
import { quantisedValues } from '../../../helpers/quantised.ts'
import { someNumbers } from '../../../helpers/run-graph.ts'

const golden = new URL('../../../golden/gguf-blocks.safetensors', import.meta.url).pathname

test.each(['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K'])(
  '%s is held as it is',
  async (type) => {
    const [file, { tensors }] = await Promise.all([readFile(golden), readSafetensorsHeader(golden)])
    const part = (name: string) => {
      const { offset, length } = tensors.get(name)!
      return file.subarray(offset, offset + length)
    }
    const bytes = part(`${type}.bytes`)
    const wanted = new Float32Array(Uint8Array.from(part(`${type}.values`)).buffer)
    const form = formOf(type)!
    const found = quantisedValues(form, quantisedBlocks(type, bytes, form))
    expect(found).toHaveLength(wanted.length)
    const largest = Math.max(...wanted.map(Math.abs))
    // only the offsets are rounded, to float32
    for (const [index, value] of found.entries()) {
      expect(Math.abs(value - wanted[index]!) / largest).toBeLessThan(form.offsets ? 1e-7 : 1e-12)
    }
  },
)

test('a wider form holds the same', async () => {
  const [file, { tensors }] = await Promise.all([readFile(golden), readSafetensorsHeader(golden)])
  const { offset, length } = tensors.get('Q4_K.bytes')!
  const bytes = file.subarray(offset, offset + length)
  const own = formOf('Q4_K')!
  const wider = commonForm([own, formOf('Q6_K')!])
  expect(wider).toEqual({ bits: 8, block: 16, offsets: true })
  expect(quantisedValues(wider, quantisedBlocks('Q4_K', bytes, wider))).toEqual(
    quantisedValues(own, quantisedBlocks('Q4_K', bytes, own)),
  )
})

test('other types have no form', () => {
  expect(formOf('Q2_K')).toBeUndefined()
})

test.each([
  { bits: 4, block: 32, offsets: true },
  { bits: 4, block: 16, offsets: true },
  { bits: 8, block: 32, offsets: false },
] as const)('plain numbers are at most half a step off in $bits bits, blocks of $block', (form) => {
  const { bits, block, offsets } = form
  const weights = Float32Array.from(someNumbers([20 * 32], 5, 0).data, (number) => number * 3 + 1)
  weights.fill(0, 32, 64)
  weights.fill(-0.25, 64, 96)
  const found = quantisedValues(form, quantisedFloats(weights, form))
  for (let at = 0; at < weights.length; at += block) {
    const own = [...weights.subarray(at, at + block)]
    const largest = Math.max(...own.map(Math.abs))
    const range = offsets ? Math.max(...own) - Math.min(...own) : 2 * largest
    const step = range / (offsets ? 2 ** bits - 1 : 2 ** bits - 2)
    for (const [index, weight] of own.entries()) {
      expect(Math.abs(found[at + index]! - weight)).toBeLessThanOrEqual(step / 2 + 1e-6 * largest)
    }
  }
})
