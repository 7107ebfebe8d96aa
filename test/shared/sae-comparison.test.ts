// SAEs side by side, and the presets of their training.
import { describe, expect, it } from 'vitest'
import { trainConfigSchema, variantOptions } from '../../src/shared/sae.ts'
import { differences, figures } from '../../src/shared/sae-comparison.ts'
import { trainPresets } from '../../src/shared/sae-presets.ts'
import type { SaeEntry } from '../../src/shared/saes.ts'

const config = (change: object) => trainConfigSchema.parse({ harvest: 'h', ...change })
const entry = (change: Partial<SaeEntry>): SaeEntry => ({
  ...{ id: 'a', path: '/a', state: 'ready', problem: null, at: 0, bytes: 2_000, sweep: null, origin: null },
  ...{ config: config({}), done: null, ...change },
})
const done = {
  ...{ architecture: 'topk', directions: 16, features: 4608, model: 'tiny', hook: null },
  ...{ validation: { fvu: 0.125, l0: 32, dead: 0.01 }, evaluation: null },
}

describe('a comparison', () => {
  it('names the settings that differ, and only those', () => {
    const saes = [
      entry({}),
      entry({ config: config({ k: 64, rate: 5e-5, targetL0: 20 }) }),
      entry({ config: null }),
    ]
    expect(differences(saes)).toEqual([
      { name: 'Learning rate', values: ['0.001', '0.00005', null] },
      { name: 'k', values: ['32 features', '64 features', null] },
      { name: 'Target L0', values: [null, '20 features', null] },
    ])
    expect(differences([entry({}), entry({ config: null })])).toEqual([])
  })

  it('has the figures of each, and no row without any', () => {
    const rows = figures([entry({ done }), entry({})])
    expect(rows.map(({ name }) => name)).toEqual([
      ...['Architecture', 'Features', 'Model', 'Unexplained variance', 'L0', 'Dead features', 'Size'],
    ])
    expect(rows.find(({ name }) => name === 'Unexplained variance')?.values).toEqual(['12.5 %', null])
    expect(rows.find(({ name }) => name === 'Features')?.values).toEqual(['4,608', null])
  })
})

describe('presets', () => {
  it.each(trainPresets)('$id can be trained', ({ settings }) => {
    for (const D of [64, null]) {
      const whole = config(settings(D))
      expect(() => variantOptions(whole, D ?? 3072)).not.toThrow()
    }
  })

  it('have the rate of Gao et al. for the widest', () => {
    const { width, rate } = trainPresets.find(({ id }) => id === 'llama')!.settings(3072)
    expect([width, rate]).toEqual([65_536, 1e-4])
  })
})
