// What is planned for the memory there is, and what is refused.
import { describe, expect, it } from 'vitest'
import {
  judgeTraining,
  planTraining,
  type PlanRequest,
  stepsOfRun,
} from '../../../src/main/sae/training-plan.ts'
import { planRequest, roomOn } from '../../../src/main/sae/training-cost.ts'
import { MonoscopeError } from '../../../src/shared/errors.ts'
import { trainConfigSchema, variantIds } from '../../../src/shared/sae.ts'

const shapes = (D: number, F: number) => [[D, F], [F], [F, D], [D]]

function request(changes: Partial<PlanRequest> & { D?: number; F?: number } = {}): PlanRequest {
  const { D, F } = { D: 3072, F: 65_536, ...changes }
  return {
    ...{ provider: 'cuda', device: 'RTX 4090', memory: 22e9, gflops: 40_000, products: 1, wide: 5 },
    ...{ batch: null, moments: 'auto', members: 1, beside: 0, parameters: shapes(D, F) },
    ...changes,
    ...{ D, F },
  }
}

function refusal(plan: () => unknown): MonoscopeError {
  try {
    plan()
  } catch (error) {
    if (error instanceof MonoscopeError) return error
    throw error
  }
  throw new Error('Nothing was refused.')
}

describe('a plan', () => {
  it('has 65,536 features over 3,072 directions in 22 GB, with all rows and moments of 16 bits', () => {
    const plan = planTraining(request())
    expect(plan).toMatchObject({ batch: 4096, moments: 'float16' })
    expect(plan.bytes.total).toBeLessThan(22e9)
    // 805 MB for each matrix: four times two, with two halves of moments
    expect(plan.bytes.states / 1e9).toBeCloseTo(12.9, 1)
    expect(plan.transferShare).toBeGreaterThan(0)
  })

  it('keeps 32 bits where they fit, and takes what the person says', () => {
    expect(planTraining(request({ memory: 48e9 }))).toMatchObject({ batch: 4096, moments: 'float32' })
    expect(planTraining(request({ memory: null }))).toMatchObject({ moments: 'float32' })
    expect(planTraining(request({ batch: 1024, moments: 'float16' }))).toMatchObject({
      batch: 1024,
      moments: 'float16',
    })
  })

  it('takes fewer rows before it gives up', () => {
    expect(planTraining(request({ memory: 16e9 }))).toMatchObject({ batch: 1024, moments: 'float16' })
  })

  it('runs as many steps as keep moving the state below a twentieth, or as fit', () => {
    const small = planTraining(request({ provider: 'cpu', D: 576, F: 4608, gflops: 200, products: 5 }))
    expect(small.transferShare).toBeLessThan(0.05)
    expect(small.stepsPerRun * small.secondsPerStep!).toBeLessThan(3)
    const wide = planTraining(request())
    expect(wide.bytes.rows).toBeLessThan(2 ** 31)
    expect(wide.bytes.rows).toBe(wide.stepsPerRun * 4096 * 3072 * 4)
  })

  it('refuses what does not fit, with the widest that does', () => {
    const error = refusal(() => planTraining(request({ memory: 8e9, batch: 1024 })))
    expect(error).toMatchObject({ code: 'sae/too-large', kind: 'expected' })
    expect(error.message).toMatch(/width 65.5 k over 3,072 directions needs .* GB, and RTX 4090 has 8 GB/)
    const widest = Number(/width of (\d+) fits/.exec(error.hint ?? '')?.[1])
    const fits = (F: number) => () =>
      planTraining(request({ memory: 8e9, batch: 1024, F, parameters: shapes(3072, F) }))
    expect(fits(widest)).not.toThrow()
    expect(fits(widest + 64)).toThrow()
    expect(refusal(() => planTraining(request({ memory: 1e8, batch: 4096 }))).hint).toContain('No width fits')
  })

  it('refuses a tensor that nothing survives', () => {
    const error = refusal(() =>
      planTraining(request({ memory: null, F: 262_144, parameters: shapes(3072, 262_144) })),
    )
    expect(error).toMatchObject({ code: 'sae/tensor-too-large' })
    expect(error.hint).toMatch(/at most \d+/)
  })

  it('says what a refused one would take, and the widest that fits', () => {
    const judged = judgeTraining(request({ memory: 8e9, batch: 1024 }))
    expect(judged.plan.bytes.total).toBeGreaterThan(8e9)
    expect(judged.refusal!.error.code).toBe('sae/too-large')
    expect(judged.refusal!.error.hint).toContain(`${judged.refusal!.widest}`)
    expect(judgeTraining(request()).refusal).toBeNull()
    const tensor = judgeTraining(request({ memory: null, F: 262_144, parameters: shapes(3072, 262_144) }))
    const { widest } = tensor.refusal!
    const largest = request({ memory: null, F: widest, parameters: shapes(3072, widest) })
    expect(judgeTraining(largest).refusal).toBeNull()
    const wider = request({ memory: null, F: widest + 1, parameters: shapes(3072, widest + 1) })
    expect(judgeTraining(wider).refusal).not.toBeNull()
  })

  it('lets a measured step decide how many a run has, as long as their rows fit', () => {
    const plan = planTraining(request())
    // a step slower than its matrix products alone needs fewer for the same share
    expect(stepsOfRun(plan, 20)).toBe(2)
    expect(stepsOfRun(plan, 1e-6)).toBe(plan.mostSteps)
    expect(plan.mostSteps * 4096 * 3072 * 4).toBeLessThan(2 ** 31)
  })
})

describe('the plan of a configuration', () => {
  const preset = (variant: string) =>
    trainConfigSchema.parse({ harvest: 'h', variant, width: 65_536, batch: 4096, k: 64 })
  // 24 GB, as nvidia-smi tells of it
  const gpu = { provider: 'cuda' as const, name: 'RTX 4090', gflops: 40_000, memory: 24_564 * 2 ** 20 }

  it.each(variantIds)('of %s × 65,536 over 3,072 directions fits in 22 GB', (variant) => {
    // where zeros are multiplied, or experts are told apart, with fewer rows a step
    const batch = ['topk', 'batchtopk', 'matryoshka'].includes(variant) ? 4096 : 1024
    const plan = planTraining(planRequest({ ...preset(variant), batch }, 3072, gpu, 22e9))
    expect(plan.bytes.total).toBeLessThan(22e9)
    // less than what a card of 24 GB is asked for
    expect(plan.bytes.total).toBeLessThan(roomOn(gpu)!)
    expect(plan.transferShare).toBeGreaterThan(0)
  })

  it('counts every member of a sweep, and the model beside it', () => {
    const one = planTraining(planRequest(preset('topk'), 3072, gpu, null))
    const two = planTraining(planRequest({ ...preset('topk'), sweep: 'k=32,64' }, 3072, gpu, null, 6e9))
    const { states, gradients, activations } = one.bytes
    expect(two.bytes.total - two.bytes.rows).toBe(2 * (states + gradients + activations) + 6e9)
    expect(two.secondsPerStep).toBe(2 * one.secondsPerStep!)
    expect(
      refusal(() => planTraining(planRequest({ ...preset('topk'), sweep: 'k=32,64' }, 3072, gpu, 22e9))),
    ).toMatchObject({
      message: expect.stringMatching(/^2 SAEs of width 65.5 k .* need /) as string,
      hint: expect.stringContaining('or fewer in the sweep') as string,
    })
  })

  it('knows the room of a GPU from its probe, and says when nothing tells it', () => {
    expect(roomOn({ provider: 'webgpu', memory: null })).toBeNull()
    expect(roomOn(gpu)! / gpu.memory).toBeCloseTo(0.9)
    expect(roomOn({ provider: 'cpu', memory: null })).toBeGreaterThan(0)
  })
})
