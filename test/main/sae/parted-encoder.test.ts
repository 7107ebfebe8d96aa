// Encoding with an SAE that is read in parts: the codes of the whole one, and no more of it held than a part.
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openSaeFolder, readSaeFolder } from '../../../src/main/sae/exchange/read-sae.ts'
import { Greatest } from '../../../src/main/sae/greatest.ts'
import { openEncoder } from '../../../src/main/sae/parted-encoder.ts'
import type { Sae } from '../../../src/main/sae/sae.ts'
import { partsInMemory, type SaeParts } from '../../../src/main/sae/sae-parts.ts'
import { type RowCodes, SparseEncoder } from '../../../src/main/sae/sparse-encoder.ts'
import { cpuWith } from '../../helpers/llama.ts'
import { someNumbers } from '../../helpers/run-graph.ts'

const golden = (name: string) => join(import.meta.dirname, '../../golden/saelens', name)
const [D, ROWS] = [16, 300]
const rows = Float32Array.from(someNumbers([ROWS, D], 4).data)

function expectSame(found: RowCodes, whole: RowCodes): void {
  expect([...found.starts]).toEqual([...whole.starts])
  expect([...found.features]).toEqual([...whole.features])
  expect(found.features.length).toBeGreaterThan(ROWS)
  for (const [at, value] of whole.values.entries()) {
    expect(Math.abs(found.values[at]! - value)).toBeLessThanOrEqual(1e-3 * value)
  }
}

async function wholly(sae: Sae): Promise<RowCodes> {
  const encoder = await SparseEncoder.open(sae, cpuWith())
  const codes = await encoder.encode(rows)
  await encoder.close()
  return codes
}

async function inParts(parts: SaeParts, most: number): Promise<RowCodes> {
  const encoder = await openEncoder(parts, cpuWith(), most)
  const codes = await encoder.encode(rows)
  await encoder.close()
  return codes
}

describe('an SAE that is read in parts', () => {
  // 64 features: in parts of one size, in parts of which the last is smaller, and of fewer features than are chosen
  it.each(['standard', 'topk', 'gated', 'jumprelu'])('%s gives the codes of the whole one', async (name) => {
    const { sae } = await readSaeFolder(golden(name))
    const whole = await wholly(sae)
    for (const most of [64, 16, 23, 3]) {
      expectSame(await inParts(await openSaeFolder(golden(name)), most), whole)
    }
  })

  it('is multiplied by decoder norms where it says so, and Switch chooses its expert among all', async () => {
    const { sae } = await readSaeFolder(golden('topk'))
    const rescaled: Sae = { ...sae, rescaled: true }
    expectSame(await inParts(partsInMemory(rescaled), 10), await wholly(rescaled))
    const { tensors } = sae
    const experts: Sae = {
      ...{ ...sae, architecture: 'switch', experts: 4 },
      tensors: {
        ...tensors,
        W_router: Float32Array.from(someNumbers([D, 4], 6).data),
        b_router: new Float32Array(D),
      },
    }
    expectSame(await inParts(partsInMemory(experts), 10), await wholly(experts))
  })

  it('takes the same memory at any width', async () => {
    for (const F of [30_000, 70_000]) {
      const read: number[] = []
      const parts: SaeParts = {
        ...{ architecture: 'topk', D: 256, F, k: 4, metadata: {} },
        ...{ centred: true, rescaled: false, normalisation: 'none' },
        read: (name, from, count) => {
          expect(from + count).toBeLessThanOrEqual(F)
          const length = name === 'W_enc' ? 256 * count : name === 'b_dec' ? 256 : count
          read.push(length)
          // features 0, 20,000, … are above 0
          const part = new Float32Array(length)
          if (name === 'b_enc')
            for (let at = 0; at < count; at++) part[at] = (from + at) % 20_000 === 0 ? 1 : -1
          return Promise.resolve(part)
        },
      }
      const encoder = await openEncoder(parts, cpuWith())
      const { starts, features } = await encoder.encode(new Float32Array(2 * 256))
      await encoder.close()
      const fire = Array.from({ length: Math.ceil(F / 20_000) }, (_, at) => 20_000 * at)
      expect([...features]).toEqual([...fire, ...fire])
      expect([...starts]).toEqual([0, fire.length, 2 * fire.length])
      expect(Math.max(...read)).toBeLessThanOrEqual(2 ** 22)
    }
  })
})

describe('the greatest of rows that come in pieces', () => {
  it('are kept with their places; of equal ones the first', () => {
    const greatest = new Greatest(2, 3)
    greatest.take(Float32Array.of(1, 5, 2, 2), Int32Array.of(0, 1, 0, 1), { rows: 2, first: 0, offset: 0 })
    greatest.take(Float32Array.of(5, 4), Int32Array.of(0, 1), { rows: 1, first: 0, offset: 10 })
    greatest.take(Float32Array.of(2, 9), Int32Array.of(0, 1), { rows: 1, first: 1, offset: 10 })
    expect([...greatest.values]).toEqual([5, 5, 4, 9, 2, 2])
    expect([...greatest.indices]).toEqual([1, 10, 11, 11, 0, 1])
  })
})
