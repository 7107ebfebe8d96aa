// What is exported computes what was trained: the same reconstruction, in the model's own units.
import { describe, expect, it } from 'vitest'
import { cpu } from '../../../src/main/onnx/device.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { zeros } from '../../../src/main/onnx/ops/index.ts'
import { folded } from '../../../src/main/sae/fold.ts'
import { initialState } from '../../../src/main/sae/initial.ts'
import { THRESHOLD_MEAN, trainingStep } from '../../../src/main/sae/step.ts'
import { trainedDictionary, Validator } from '../../../src/main/sae/validation.ts'
import { variants } from '../../../src/main/sae/variants/index.ts'
import { trainConfigSchema, variantIds, variantOptions } from '../../../src/shared/sae.ts'
import { tensor } from '../../../src/main/onnx/tensor.ts'
import { expectClose } from '../../helpers/llama.ts'
import { runSae } from '../../helpers/run-sae.ts'
import { runGraph, someNumbers } from '../../helpers/run-graph.ts'

const [D, F, B, scale] = [16, 64, 32, 0.25]

describe('folding', () => {
  it.each(variantIds)('%s changes nothing of what is reconstructed', async (variant) => {
    const config = trainConfigSchema.parse({ harvest: 'h', variant, width: F, k: 6, experts: 4 })
    const options = variantOptions(config, D)
    const step = trainingStep(variants[variant], {
      ...{
        D,
        F,
        B,
        options,
        clip: 1,
        beta1: 0.9,
        beta2: 0.999,
        deadAfter: 1e9,
        moments: 'float32',
        block: undefined,
      },
    })
    // rows as the model has them, and as training saw them
    const rows = Float32Array.from(someNumbers([B, D], 3).data, (value) => 40 * value)
    const trained = rows.map((value) => value * scale)
    const start = initialState(variants[variant], step, { D, F, options, seed: 1, sample: trained })
    const parameters = variants[variant].parameters({ D, F }, options)
    // every parameter away from where it starts
    const state = Object.fromEntries(
      Object.entries(start).map(([name, { dtype, shape, data }], index) => {
        const noise = someNumbers([data.length], index + 1).data
        const moved = Float32Array.from(data as Float32Array, (value, at) => value + 0.1 * noise[at]!)
        return [name, tensor(dtype, shape, name in parameters ? moved : data)]
      }),
    )
    if (parameters.W_dec!.features === 0) normaliseDecoder(state.W_dec!.data as Float32Array)
    const validator = new Validator(
      trainedDictionary(variants[variant], { D, F, options, inParts: true }),
      cpu,
    )
    // a batch's own choice of features has a threshold of its own
    if (variant === 'batchtopk' || variant === 'matryoshka') {
      const graph = new Graph('choice')
      const inputs = Object.entries(parameters).map(
        ([name, { shape }]) => [name, graph.input(name, 'float32', shape)] as const,
      )
      const given = { dead: zeros(graph, 'float32', [F]), warm: graph.scalar('float32', 1) }
      const x = graph.input('x', 'float32', [B, D])
      const { smallest } = variants[variant].forward(Object.fromEntries(inputs), x, given, options)
      graph.output('smallest', smallest!)
      const values = inputs.map(
        ([name]) =>
          [name, { shape: state[name]!.shape, data: Array.from(state[name]!.data as Float32Array) }] as const,
      )
      const found = await runGraph(graph, {
        ...Object.fromEntries(values),
        x: { shape: [B, D], data: Array.from(trained) },
      })
      state[THRESHOLD_MEAN] = tensor('float32', [], Float32Array.of(found.smallest!.data[0]! * 0.9999))
    }
    const { reconstruction } = await validator.errors(state, B, trained)
    await validator.close()
    const sae = folded({ variant, D, F, options, state, scale, metadata: {} })
    const found = await runSae(sae, rows)
    expectClose(
      found.reconstruction,
      reconstruction.map((value) => value / scale),
      1e-4,
    )
    for (let feature = 0; feature < F; feature++) {
      expect(Math.hypot(...sae.tensors.W_dec!.subarray(feature * D, (feature + 1) * D))).toBeCloseTo(1, 5)
    }
  })
})

/** Rows (F, D) of norm 1. */
function normaliseDecoder(decoder: Float32Array): void {
  for (let feature = 0; feature < F; feature++) {
    const row = decoder.subarray(feature * D, (feature + 1) * D)
    const norm = Math.hypot(...row)
    for (let d = 0; d < D; d++) row[d]! /= norm
  }
}
