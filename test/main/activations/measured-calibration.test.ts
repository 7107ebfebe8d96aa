// A calibration: which contexts the model reads, what a sink is measured by, and which tokens are thinned.
import { expect, test } from 'vitest'
import {
  calibrationContexts,
  measuredCalibration,
} from '../../../src/main/activations/measured-calibration.ts'

test('is of a fiftieth of the contexts, within bounds', () => {
  expect(calibrationContexts({ tokens: 1_000, contextLength: 100 })).toBe(8)
  expect(calibrationContexts({ tokens: 150_000, contextLength: 100 })).toBe(30)
  expect(calibrationContexts({ tokens: 1e9, contextLength: 100 })).toBe(64)
})

test('counts tokens in all contexts, and measures norms in some of all parts of them', async () => {
  // token 0 is special and long; of ten tokens, one is 1 and the others are each another
  const contexts = Array.from({ length: 60 }, (_, context) =>
    Int32Array.of(0, 1, ...Array.from({ length: 9 }, (_, at) => 2 + 9 * context + at)),
  )
  const read: number[] = []
  let asked = 0
  const model = {
    atOnce: 4,
    norms: (ids: Int32Array) => {
      const context = (ids[2]! - 2) / 9
      read.push(context)
      return Promise.resolve(Float32Array.from(ids, (id) => (id === 0 ? 1e6 : context)))
    },
  }
  const options = { sinkFactor: 10, frequencyCap: 0.05, special: new Set([0]) }
  const found = await measuredCalibration(model, contexts, options, () => Promise.resolve(void asked++))
  expect(read).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
  expect(asked).toBe(3)
  expect(found).toMatchObject({ contexts: 60, tokens: 660, medianNorm: 30, sinkNorm: 300 })
  expect(Object.keys(found.kept)).toEqual(['1'])
  expect(found.kept[1]).toBeCloseTo(0.5)
})

test('reads all contexts where there are few, and stops between them', async () => {
  const contexts = Array.from({ length: 8 }, (_, context) => Int32Array.of(context))
  const read: number[] = []
  const model = {
    atOnce: 1,
    norms: (ids: Int32Array) => Promise.resolve(Float32Array.of(read.push(ids[0]!))),
  }
  const options = { sinkFactor: 10, frequencyCap: 1, special: new Set<number>() }
  await measuredCalibration(model, contexts, options, () => Promise.resolve())
  expect(read).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  const stopping = measuredCalibration(model, contexts, options, () => Promise.reject(new Error('stopped')))
  await expect(stopping).rejects.toThrow('stopped')
  expect(read).toHaveLength(8)
})
