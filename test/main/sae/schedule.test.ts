// Where training starts, and how rate and sparsity move: functions of step and seed alone.
import { describe, expect, it } from 'vitest'
import { geometricMedian, initialState } from '../../../src/main/sae/initial.ts'
import { rateAt, warmAt } from '../../../src/main/sae/schedule.ts'
import { trainingStep } from '../../../src/main/sae/step.ts'
import { variants } from '../../../src/main/sae/variants/index.ts'
import { trainConfigSchema, type VariantId, variantIds, variantOptions } from '../../../src/shared/sae.ts'

const schedule = { rate: 2, warmup: 10, decay: 'linear', decayShare: 0.2, sparsityWarmup: 4 } as const

describe('the learning rate', () => {
  it('rises from zero, stays, and falls to almost zero over the last share of the steps', () => {
    const rates = Array.from({ length: 100 }, (_, step) => rateAt(step, 100, schedule))
    expect(rates[0]).toBeCloseTo(0.2, 12)
    expect(rates.slice(9, 80).every((rate) => rate === 2)).toBe(true)
    for (let step = 80; step < 100; step++) expect(rates[step]).toBeLessThan(rates[step - 1]!)
    expect(rates[99]).toBeCloseTo(2 / 21, 12)
  })

  it('falls as a cosine does, slowly at both ends, or not at all', () => {
    const cosine = Array.from({ length: 100 }, (_, step) =>
      rateAt(step, 100, { ...schedule, decay: 'cosine' }),
    )
    const falls = cosine.slice(80).map((rate, at) => cosine[79 + at]! - rate)
    expect(Math.max(...falls)).toBe(Math.max(...falls.slice(7, 13)))
    expect(rateAt(99, 100, { ...schedule, decay: 'none' })).toBe(2)
  })
})

it('the sparsity term rises from zero and stays', () => {
  expect([0, 1, 2, 3, 4, 99].map((step) => warmAt(step, schedule))).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
  expect(warmAt(0, { ...schedule, sparsityWarmup: 0 })).toBe(1)
})

it('the geometric median is not pulled by outliers, as the mean is', () => {
  const rows = Float32Array.from(
    [...Array.from({ length: 20 }, (_, at) => [1 + 0.01 * (at % 2), -2]), [1000, 1000]].flat(),
  )
  const [x, y] = geometricMedian(rows, 2)
  expect(Math.hypot(x! - 1.005, y! + 2)).toBeLessThan(0.02)
})

describe('the first state', () => {
  const [D, F] = [8, 24]
  const sample = Float32Array.from({ length: 40 * D }, (_, at) => Math.sin(at) + (at % D))
  const of = (id: VariantId, seed: number) => {
    const options = variantOptions(
      trainConfigSchema.parse({ harvest: 'h', variant: id, width: F, k: 2, experts: 2 }),
      D,
    )
    const step = trainingStep(variants[id], {
      ...{ D, F, B: 4, options, clip: 1, beta1: 0.9, beta2: 0.999, deadAfter: 1 },
      ...{ moments: 'float32', block: undefined },
    })
    const state = initialState(variants[id], step, { D, F, options, seed, sample })
    return {
      parameters: variants[id].parameters({ D, F }, options),
      data: (name: string) => state[name]!.data,
    }
  }

  it.each(variantIds)(
    'of %s ties encoder and decoder, at the norm it wants, around the geometric median',
    (id) => {
      const { parameters, data } = of(id, 1)
      const { features } = parameters.W_dec!
      // whichever way they lie, both matrices lie alike
      expect(data('W_enc')).toEqual(data('W_dec'))
      const at = (feature: number, d: number) => (features === 0 ? feature * D + d : d * F + feature)
      for (let feature = 0; feature < F; feature++) {
        const direction = Array.from({ length: D }, (_, d) => Number(data('W_dec')[at(feature, d)]))
        expect(Math.hypot(...direction)).toBeCloseTo(variants[id].unitDecoder ? 1 : 0.1, 5)
      }
      expect(data('b_dec')).toEqual(geometricMedian(sample, D))
      expect(of(id, 1).data('W_enc')).toEqual(data('W_enc'))
      expect(of(id, 2).data('W_enc')).not.toEqual(data('W_enc'))
    },
  )
})
