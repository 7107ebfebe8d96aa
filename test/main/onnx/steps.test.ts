// The same steps in a Loop, one at a time and in WebGPU's buffers: all must leave the same state and tell the same.
import { describe, expect, test } from 'vitest'
import { adam, clipByGlobalNorm, normOf } from '../../../src/main/onnx/adam.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { gradient } from '../../../src/main/onnx/gradient.ts'
import { openLooped } from '../../../src/main/onnx/looped.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { openResident } from '../../../src/main/onnx/resident.ts'
import { openStepper } from '../../../src/main/onnx/stepper.ts'
import type { Step, Stepper } from '../../../src/main/onnx/steps.ts'
import { type Tensor, tensor } from '../../../src/main/onnx/tensor.ts'
import { someNumbers } from '../../helpers/run-graph.ts'
import { noWebgpu, useSoftwareVulkan } from '../../helpers/vulkan.ts'

const webgpu = { id: 'webgpu', provider: 'webgpu', name: 'WebGPU' } as const

const float = (shape: number[], seed: number, scale = 1): Tensor =>
  tensor(
    'float32',
    shape,
    Float32Array.from(someNumbers(shape, seed).data, (number) => number * scale),
  )
const zeros = (shape: number[]): Tensor =>
  tensor('float32', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))

type Opened = Stepper<string, string, string>
interface Sample {
  readonly step: Step<string, string, string>
  readonly initial: Record<string, Tensor>
  readonly batches: (first: number, count: number) => Record<string, Tensor>
}

/** A sparse autoencoder's step: D inputs, F features, B rows, with Adam, clipping and a count of its own. */
function autoencoder(D = 24, F = 96, B = 16): Sample {
  const shapes = { encoder: [D, F], encoderBias: [F], decoder: [F, D], decoderBias: [D] }
  const names = Object.keys(shapes) as (keyof typeof shapes)[]
  const all = names.flatMap((name) => [name, `${name}First`, `${name}Second`])
  const shapeOf = (name: string) => shapes[name.replace(/First$|Second$/, '') as keyof typeof shapes]
  return {
    step: {
      state: Object.fromEntries([
        ...all.map((name) => [name, { dtype: 'float32' as const, shape: shapeOf(name) }]),
        ['count', { dtype: 'float32' as const, shape: [] }],
      ]) as Step<string, string, string>['state'],
      batch: { x: { dtype: 'float32', shape: [B, D] } },
      metrics: ['loss', 'norm'],
      build: (state, { x }) => {
        const parameters = names.map((name) => state[name]!)
        const [encoder, encoderBias, decoder, decoderBias] = parameters
        const features = o.relu(o.gemm(x!, encoder!, { plus: encoderBias! }))
        const error = o.sub(o.gemm(features, decoder!, { plus: decoderBias! }), x!)
        const loss = o.div(o.add(o.reduceSum(o.square(error)), o.mul(o.reduceSum(features), 0.01)), B)
        const raw = gradient(loss, parameters)
        const clipped = clipByGlobalNorm(raw, raw.map(normOf), 1)
        const count = o.add(state.count!, 1)
        const moments = names.map((name) => ({
          first: state[`${name}First`]!,
          second: state[`${name}Second`]!,
        }))
        const next = adam(parameters, clipped.gradients, moments, { rate: 0.003, step: count })
        const entries = names.flatMap((name, index) => [
          [name, next.parameters[index]!] as const,
          [`${name}First`, next.moments[index]!.first] as const,
          [`${name}Second`, next.moments[index]!.second] as const,
        ])
        return { state: { ...Object.fromEntries(entries), count }, metrics: { loss, norm: clipped.norm } }
      },
    },
    initial: {
      ...Object.fromEntries(all.map((name) => [name, zeros(shapeOf(name))])),
      encoder: float([D, F], 1, 0.3),
      decoder: float([F, D], 2, 0.3),
      count: zeros([]),
    },
    batches: (first, count) => ({ x: float([count, B, D], 10 + first) }),
  }
}

/** Sparse selection and a state of whole numbers: what the autoencoder's step does not use. */
function counter(): Sample {
  return {
    step: {
      state: { seen: { dtype: 'int32', shape: [] }, best: { dtype: 'float32', shape: [3] } },
      batch: { x: { dtype: 'float32', shape: [8] } },
      metrics: ['top'],
      build: ({ seen, best }, { x }) => {
        const { values } = o.topK(x!, 3)
        return { state: { seen: o.add(seen!, 1), best: o.max(best!, values) }, metrics: { top: values } }
      },
    },
    initial: { seen: tensor('int32', [], Int32Array.of(0)), best: zeros([3]) },
    batches: (first, count) => ({ x: float([count, 8], 50 + first) }),
  }
}

async function runs(stepper: Opened, { batches }: Sample) {
  try {
    const told = [
      await stepper.run(batches(0, 5)),
      await stepper.run(batches(5, 1)),
      await stepper.run(batches(6, 3)),
    ]
    return { told, state: await stepper.state() }
  } finally {
    await stepper.close()
  }
}

function expectSame(found: Tensor, wanted: Tensor, name: string, tolerance: number): void {
  expect(found.dtype, name).toBe(wanted.dtype)
  expect(found.shape, name).toEqual(wanted.shape)
  const [a, b] = [Array.from(found.data, Number), Array.from(wanted.data, Number)]
  const scale = Math.max(1e-3, ...b.map(Math.abs))
  const worst = Math.max(...a.map((number, index) => Math.abs(number - b[index]!)))
  expect(worst / scale, name).toBeLessThanOrEqual(tolerance)
}

type Runs = Awaited<ReturnType<typeof runs>>
function expectSameRuns(found: Runs, wanted: Runs, tolerance: number): void {
  for (const [index, metrics] of wanted.told.entries()) {
    for (const [name, value] of Object.entries(metrics)) {
      expectSame(found.told[index]![name]!, value, name, tolerance)
    }
  }
  for (const [name, value] of Object.entries(wanted.state))
    expectSame(found.state[name]!, value, name, tolerance)
}

describe.each([
  ['an autoencoder’s training', autoencoder()],
  ['a count and a choice', counter()],
] as const)('%s', (_, sample) => {
  test('is the same step by step and in a Loop', async () => {
    const looped = await runs(await openLooped(sample.step, sample.initial, cpu), sample)
    const single = await runs(await openResident(sample.step, sample.initial, cpu), sample)
    // how sums are grouped may differ, and nothing else
    expectSameRuns(single, looped, 1e-5)
  })

  test.skipIf(noWebgpu)(`is the same in WebGPU’s buffers${noWebgpu ? ` (${noWebgpu})` : ''}`, async () => {
    useSoftwareVulkan()
    const onCpu = await runs(await openStepper(sample.step, sample.initial, cpu), sample)
    const onGpu = await runs(await openStepper(sample.step, sample.initial, webgpu), sample)
    expectSameRuns(onGpu, onCpu, 1e-4)
  })
})

test('training goes down', async () => {
  const sample = autoencoder()
  const stepper = await openStepper(sample.step, sample.initial, cpu)
  const { loss } = await stepper.run(sample.batches(0, 40))
  await stepper.close()
  const values = Array.from(loss!.data, Number)
  expect(values.at(-1)!).toBeLessThan(values[0]! * 0.8)
})

describe('wrong use is named', () => {
  const { step, initial, batches } = counter()

  test('a state of the wrong shape', async () => {
    await expect(openStepper(step, { ...initial, best: zeros([4]) }, cpu)).rejects.toThrow(
      'The state "best" is float32[3], and float32[4] was given.',
    )
  })

  test('batches of the wrong shape or number', async () => {
    const stepper = await openStepper(step, initial, cpu)
    await expect(stepper.run({ x: zeros([2, 9]) })).rejects.toThrow(/The batches "x" are float32\[2, 9\]/)
    await stepper.run(batches(0, 1))
    await stepper.close()
  })

  test('a step that changes the shape of its state', () => {
    const wrong = {
      ...step,
      build: ({ seen, best }: Record<string, o.Operand>) => ({
        state: { seen, best: o.reduceSum(best as never) },
        metrics: { top: best },
      }),
    }
    return expect(() => openStepper(wrong as never, initial, cpu)).rejects.toThrow(
      /must have the type and shape/,
    )
  })
})
