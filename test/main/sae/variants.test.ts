// Every variant against its twelve reference steps in PyTorch float64 (test/golden/sae-*.safetensors).
import { describe, expect, it } from 'vitest'
import { type VariantOptions, variantIds, type VariantId } from '../../../src/shared/sae.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { gradient } from '../../../src/main/onnx/gradient.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { add } from '../../../src/main/onnx/ops/index.ts'
import { openStepper } from '../../../src/main/onnx/stepper.ts'
import { type Tensor, tensor } from '../../../src/main/onnx/tensor.ts'
import { stepMetrics, trainingStep, type StepOptions } from '../../../src/main/sae/step.ts'
import { variants } from '../../../src/main/sae/variants/index.ts'
import type { Parameter, Variant } from '../../../src/main/sae/variants/variant.ts'
import { runGraph } from '../../helpers/run-graph.ts'
import { readSaeGolden, type SaeGolden } from '../../helpers/sae-golden.ts'

/** Divided by the tensor's largest value. */
const BOUND = 1e-4

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, name: string): void {
  expect(found.length, name).toBe(wanted.length)
  const largest = Math.max(...Array.from(wanted, Math.abs))
  const worst = Math.max(...Array.from(wanted, (value, index) => Math.abs(value - found[index]!)))
  expect(worst / largest, `${name}, divided by its largest value`).toBeLessThanOrEqual(BOUND)
}

/** As it is trained, from as files hold it, and back: both ways the same. */
function turned(data: Float32Array, { shape, transposed }: Parameter): Float32Array {
  if (!transposed) return data
  const [to, from] = shape as [number, number]
  return Float32Array.from(
    { length: data.length },
    (_, at) => data[(at % from) * to + Math.floor(at / from)]!,
  )
}

function turnedBack(data: Float32Array, parameter: Parameter): Float32Array {
  return parameter.transposed ? turned(data, { ...parameter, shape: parameter.shape.toReversed() }) : data
}

function opened(golden: SaeGolden, id: VariantId) {
  const { hyper } = golden
  const { d_in: D, d_sae: F, batch: B } = hyper
  const options: VariantOptions = {
    l1: hyper.l1 ?? 0,
    k: hyper.k ?? 0,
    kAux: hyper.k_aux ?? 0,
    auxCoefficient: hyper.aux_coef ?? 0,
    widths: hyper.widths ?? [],
    l0Coefficient: hyper.l0_coef ?? 0,
    targetL0: null,
    bandwidth: hyper.bandwidth ?? 0,
    experts: hyper.experts ?? 1,
    balance: hyper.balance ?? 0,
  }
  return { D, F, B, options, variant: variants[id], parameters: variants[id].parameters({ D, F }, options) }
}

describe.each(variantIds.map((id) => [id] as const))('%s', (id) => {
  it('has the gradients of the first reference step', async () => {
    const golden = await readSaeGolden(id)
    const { D, F, B, options, variant, parameters } = opened(golden, id)
    const graph = new Graph('loss')
    const inputs = Object.fromEntries(
      Object.entries(parameters).map(([name, { shape }]) => [name, graph.input(name, 'float32', shape)]),
    )
    const x = graph.input('x', 'float32', [B, D])
    const given = { dead: graph.input('dead', 'float32', [F]), warm: graph.input('warm', 'float32', []) }
    const { recon, penalty } = variant.forward(inputs, x, given, options)
    for (const [index, g] of gradient(add(recon, penalty), Object.values(inputs)).entries()) {
      graph.output(`d_${Object.keys(inputs)[index]}`, g)
    }
    const values = Object.entries(parameters).map(([name, parameter]) => {
      const data = Array.from(turned(golden.tensor(`init.${name}`), parameter))
      return [name, { shape: parameter.shape, data }] as const
    })
    const found = await runGraph(graph, {
      ...Object.fromEntries(values),
      x: { shape: [B, D], data: Array.from(golden.tensor('x').subarray(0, B * D)) },
      dead: { shape: [F], data: Array.from(golden.tensor('dead')) },
      warm: { shape: [], data: [1] },
    })
    for (const [name, parameter] of Object.entries(parameters)) {
      const { data } = found[`d_${name}`]!
      expectClose(
        turnedBack(Float32Array.from(data), parameter),
        golden.tensor(`grad0.${name}`),
        `gradient of ${name}`,
      )
    }
  })

  it.each([undefined, 100])('trains as the reference does, Adam in blocks of %s, and sums', async (block) => {
    const golden = await readSaeGolden(id)
    const { D, F, B, options, variant, parameters } = opened(golden, id)
    const { hyper } = golden
    const config: StepOptions = {
      ...{ D, F, B, options, block, clip: hyper.grad_clip, beta1: hyper.beta1, beta2: hyper.beta2 },
      ...{ deadAfter: 1e9, moments: 'float32', inParts: block !== undefined },
    }
    // the reference's dead features stay dead, even where they fire
    const dead = golden.tensor('dead')
    const fixed: Variant = {
      ...variant,
      forward: (values, x, given, its) => {
        return variant.forward(
          values,
          x,
          { ...given, dead: x.graph.constant('dead', 'float32', [F], dead) },
          its,
        )
      },
    }
    const step = trainingStep(fixed, config)
    const initial = Object.entries(step.state).map(([name, { dtype, shape }]): [string, Tensor] => {
      const count = shape.reduce((a, b) => a * b, 1)
      if (name in parameters) {
        return [name, tensor(dtype, shape, turned(golden.tensor(`init.${name}`), parameters[name]!))]
      }
      return [name, tensor(dtype, shape, new Float32Array(count))]
    })
    const stepper = await openStepper(step, Object.fromEntries(initial), cpu)
    const K = hyper.steps
    const same = (value: number) => tensor('float32', [K], new Float32Array(K).fill(value))
    const told = await stepper.run({
      x: tensor('float32', [K, B, D], golden.tensor('x')),
      rate: same(hyper.lr),
      warm: same(1),
    })
    const state = await stepper.state()
    await stepper.close()
    expect(Object.keys(told)).toEqual([...stepMetrics])
    const metric = (name: 'loss' | 'recon' | 'fired') => told[name].data as Float32Array
    expectClose(metric('loss'), golden.tensor('loss'), 'loss')
    expectClose(metric('recon'), golden.tensor('recon'), 'recon')
    const l0 = Array.from({ length: K }, (_, turn) => {
      return (
        metric('fired')
          .subarray(turn * F, (turn + 1) * F)
          .reduce((a, b) => a + b, 0) / B
      )
    })
    expectClose(l0, golden.tensor('l0'), 'L0')
    for (const [name, parameter] of Object.entries(parameters)) {
      const found = turnedBack(state[name]!.data as Float32Array, parameter)
      expectClose(found, golden.tensor(`final.${name}`), name)
    }
  })
})
