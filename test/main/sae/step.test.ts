// A step of training beyond the reference: the same in WebGPU's buffers as in a Loop, and what happens where nothing fires.
import { describe, expect, it } from 'vitest'
import { trainConfigSchema, type VariantId, variantIds, variantOptions } from '../../../src/shared/sae.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { openStepper } from '../../../src/main/onnx/stepper.ts'
import { type Tensor, tensor } from '../../../src/main/onnx/tensor.ts'
import { initialState } from '../../../src/main/sae/initial.ts'
import { firstMoment, THRESHOLD_MEAN, trainingStep } from '../../../src/main/sae/step.ts'
import { variants } from '../../../src/main/sae/variants/index.ts'
import { expectClose } from '../../helpers/llama.ts'
import { someNumbers } from '../../helpers/run-graph.ts'
import { noWebgpu, useSoftwareVulkan } from '../../helpers/vulkan.ts'

const webgpu = { id: 'webgpu', provider: 'webgpu', name: 'WebGPU' } as const
const [D, F, B, K] = [16, 64, 32, 4]
const rows = (seed: number, count: number) =>
  Float32Array.from(someNumbers([count, D], seed).data, (value, at) => 2 * value + (at % D) / D)

function opened(id: VariantId, deadAfter: number) {
  const config = trainConfigSchema.parse({ harvest: 'h', variant: id, width: F, k: 4, experts: 4 })
  const options = variantOptions(config, D)
  const step = trainingStep(variants[id], {
    ...{ D, F, B, options, deadAfter, clip: 1, beta1: 0.9, beta2: 0.999 },
    ...{ moments: 'float32', block: undefined },
  })
  const initial = initialState(variants[id], step, { D, F, options, seed: 3, sample: rows(1, 64) })
  return { step, options, initial }
}

const batches = {
  x: tensor('float32', [K, B, D], rows(2, K * B)),
  rate: tensor('float32', [K], new Float32Array(K).fill(3e-3)),
  warm: tensor('float32', [K], new Float32Array(K).fill(1)),
}

async function runOn(
  device: typeof cpu | typeof webgpu,
  { step, initial }: Pick<ReturnType<typeof opened>, 'step' | 'initial'>,
) {
  const stepper = await openStepper(step, initial, device)
  try {
    const told = await stepper.run(batches)
    return { told, state: await stepper.state() }
  } finally {
    await stepper.close()
  }
}

const numbers = ({ data }: Tensor) => data as Float32Array

describe.skipIf(noWebgpu)(`on WebGPU${noWebgpu ? ` (${noWebgpu})` : ''}`, () => {
  it.each(variantIds)('%s has the loss curve it has on the CPU, features that die included', async (id) => {
    useSoftwareVulkan()
    const sample = opened(id, B)
    const onCpu = await runOn(cpu, sample)
    const onGpu = await runOn(webgpu, sample)
    for (const name of ['loss', 'recon', 'fired', 'norms'] as const)
      expectClose(numbers(onGpu.told[name]), numbers(onCpu.told[name]), 1e-4)
    expect(numbers(onGpu.told.dead)).toEqual(numbers(onCpu.told.dead))
    // gradients, not parameters: where one nearly cancels, Adam makes of its rounding a share of the whole rate
    for (const name of Object.keys(variants[id].parameters({ D, F }, sample.options)))
      expectClose(numbers(onGpu.state[firstMoment(name)]!), numbers(onCpu.state[firstMoment(name)]!), 2e-3)
    if (id === 'topk') expect(Math.max(...numbers(onCpu.told.dead))).toBeGreaterThan(0)
  })
})

describe('the threshold of inference', () => {
  it('follows the smallest activation that was kept', async () => {
    const { state } = await runOn(cpu, opened('batchtopk', 1e9))
    const mean = numbers(state[THRESHOLD_MEAN]!)[0]!
    expect(mean).toBeGreaterThan(0)
    expect(mean).toBeLessThan(10)
  })

  it('is not moved by batches in which nothing fires', async () => {
    const { step, initial } = opened('batchtopk', 1e9)
    const silent = { ...initial, b_enc: tensor('float32', [F], new Float32Array(F).fill(-1e3)) }
    const known = { ...silent, [THRESHOLD_MEAN]: tensor('float32', [], Float32Array.of(0.5)) }
    for (const [start, wanted] of [
      [silent, -1],
      [known, 0.5],
    ] as const) {
      const { told, state } = await runOn(cpu, { step, initial: start })
      expect(numbers(told.fired).every((times) => times === 0)).toBe(true)
      expect(numbers(state[THRESHOLD_MEAN]!)[0]).toBe(wanted)
    }
  })
})
