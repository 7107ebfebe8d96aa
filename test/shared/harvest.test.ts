// What a harvest's configuration says of its sample.
import { expect, test } from 'vitest'
import { harvestConfigSchema, sampleOf } from '../../src/shared/harvest.ts'

const sampleWith = (changes: Record<string, unknown>) =>
  sampleOf(harvestConfigSchema.parse({ model: 'm', corpus: 'c', layer: 0, seed: 3, ...changes }))

test('a preset with its seed; weights and quotas make a stratified sample of any', () => {
  expect(sampleWith({})).toEqual({ method: 'head', seed: 3 })
  expect(sampleWith({ weights: 'a=1, b=2.5' })).toEqual({
    ...{ method: 'stratified', seed: 3, by: 'stratum' },
    weights: { a: 1, b: 2.5 },
  })
  expect(sampleWith({ quotas: 'a=500' })).toEqual({
    ...{ method: 'stratified', seed: 3, by: 'stratum' },
    quotas: { a: 500 },
  })
  // the others share the rest as the preset says
  expect(sampleWith({ sample: 'languages', quotas: 'es=500' })).toEqual({
    ...{ method: 'stratified', seed: 3, by: 'language', weights: 'equal' },
    quotas: { es: 500 },
  })
})

test.each(['', 'a', 'a=', 'a=0', 'a=1.5', '=3', 'a=1,'])('quotas of %j are refused', (quotas) => {
  expect(() => sampleWith({ quotas })).toThrow(/NAME=TOKENS/)
})
