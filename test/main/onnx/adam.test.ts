// Adam and clipping against their definitions in float64.
import { describe, expect, test } from 'vitest'
import { adam, clipByGlobalNorm, momentShape, normOf } from '../../../src/main/onnx/adam.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { tensorData } from '../../../src/main/onnx/dtype.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { add, mul, reduceMean, square, sub } from '../../../src/main/onnx/ops/index.ts'
import { openStepper } from '../../../src/main/onnx/stepper.ts'
import type { Step } from '../../../src/main/onnx/steps.ts'
import { tensor } from '../../../src/main/onnx/tensor.ts'
import { runGraph, someNumbers } from '../../helpers/run-graph.ts'

const [RATE, BETA1, BETA2, EPSILON] = [0.01, 0.9, 0.999, 1e-8]

/** Several steps as Kingma and Ba write them down. */
function byHand(start: readonly number[], gradients: readonly (readonly number[])[]) {
  const [p, m, v] = [[...start], start.map(() => 0), start.map(() => 0)]
  for (const [turn, g] of gradients.entries()) {
    for (const [i, gi] of g.entries()) {
      m[i] = BETA1 * m[i]! + (1 - BETA1) * gi
      v[i] = BETA2 * v[i]! + (1 - BETA2) * gi * gi
      const [mHat, vHat] = [m[i] / (1 - BETA1 ** (turn + 1)), v[i] / (1 - BETA2 ** (turn + 1))]
      p[i]! -= (RATE * mHat) / (Math.sqrt(vHat) + EPSILON)
    }
  }
  return { p, m, v }
}

async function inGraph(start: readonly number[], gradients: readonly (readonly number[])[], block?: number) {
  const graph = new Graph('adam')
  const shape = [4, start.length / 4]
  const input = (name: string) => graph.input(name, 'float64', shape)
  const { parameters, moments } = adam(
    [input('p')],
    [input('g')],
    [{ first: input('m'), second: input('v') }],
    { rate: RATE, step: graph.input('step', 'float64', []), block },
  )
  graph.output('p_out', parameters[0]!)
  graph.output('m_out', moments[0]!.first)
  graph.output('v_out', moments[0]!.second)
  let [p, m, v] = [start, start.map(() => 0), start.map(() => 0)] as (readonly number[])[]
  for (const [turn, g] of gradients.entries()) {
    const result = await runGraph(graph, {
      p: { shape, data: p! },
      g: { shape, data: g },
      m: { shape, data: m! },
      v: { shape, data: v! },
      step: { shape: [], data: [turn + 1] },
    })
    ;[p, m, v] = [result.p_out!.data, result.m_out!.data, result.v_out!.data]
  }
  return { p: p!, m: m!, v: v! }
}

const start = someNumbers([24], 1).data
const gradients = [2, 3, 4, 5].map((seed) => someNumbers([24], seed).data)

describe('adam', () => {
  test.each([
    ['whole', undefined],
    ['in blocks', 8],
    ['in blocks that do not divide it', 7],
    ['in one block', 100],
  ])('is the definition, %s', async (_, block) => {
    const [found, wanted] = [await inGraph(start, gradients, block), byHand(start, gradients)]
    for (const name of ['p', 'm', 'v'] as const) {
      for (const [index, number] of wanted[name].entries()) expect(found[name][index]).toBeCloseTo(number, 12)
    }
  })

  test('does not move for a gradient of zero', async () => {
    const { p } = await inGraph(start, [start.map(() => 0)])
    expect(p).toEqual(start)
  })

  test('needs a gradient and moments for every parameter', () => {
    const graph = new Graph('adam')
    const [p, step] = [graph.input('p', 'float32', [2]), graph.input('step', 'float32', [])]
    expect(() => adam([p], [], [], { rate: 1, step })).toThrow(/needs a gradient and moments/)
  })
})

describe('moments in float16', () => {
  const size = [64]
  const STEPS = 400
  /** Descends to 1 through noise, as training does. */
  function descent(dtype: 'float16' | 'float32', block?: number): Step<string, 'noise', 'far'> {
    const kept = { dtype, shape: momentShape({ shape: size }, block) }
    return {
      state: {
        p: { dtype: 'float32', shape: size },
        first: kept,
        second: kept,
        count: { dtype: 'float32', shape: [] },
      },
      batch: { noise: { dtype: 'float32', shape: size } },
      metrics: ['far'],
      build: (state, { noise }) => {
        const [p, count] = [state.p!, add(state.count!, 1)]
        const far = sub(p, 1)
        const { parameters, moments } = adam(
          [p],
          [mul(add(far, noise), 1e-4)],
          [{ first: state.first!, second: state.second! }],
          { rate: RATE, step: count, block },
        )
        return {
          state: { p: parameters[0]!, first: moments[0]!.first, second: moments[0]!.second, count },
          metrics: { far: reduceMean(square(far)) },
        }
      },
    }
  }

  async function descend(dtype: 'float16' | 'float32', block?: number, scale = 1) {
    const step = descent(dtype, block)
    const initial = Object.fromEntries(
      Object.entries(step.state).map(([name, { dtype, shape }]) => {
        const count = shape.reduce((a, b) => a * b, 1)
        return [name, tensor(dtype, shape, tensorData(dtype, new Array<number>(count).fill(0)))]
      }),
    )
    const noise = someNumbers([STEPS, ...size], 3).data.map((x) => x * scale)
    const stepper = await openStepper(step, initial, cpu)
    const { far } = await stepper.run({
      noise: tensor('float32', [STEPS, ...size], Float32Array.from(noise)),
    })
    const state = await stepper.state()
    await stepper.close()
    return { far: Array.from(far.data as Float32Array), p: Array.from(state.p!.data as Float32Array) }
  }

  test.each([undefined, 16])('go down like those in float32, in blocks of %s', async (block) => {
    const [half, full] = [await descend('float16', block), await descend('float32', block)]
    expect(full.far[0]).toBeCloseTo(1, 5)
    expect(full.far.at(-1)).toBeLessThan(0.02)
    for (const [turn, far] of half.far.entries()) expect(Math.abs(far - full.far[turn]!)).toBeLessThan(0.03)
  })

  test('stay finite under a gradient beyond float16', async () => {
    const { p } = await descend('float16', undefined, 1e7)
    expect(p.every((x) => Number.isFinite(x))).toBe(true)
  })
})

describe('clipByGlobalNorm', () => {
  const run = async (limit: number, scale = 1) => {
    const graph = new Graph('clip')
    const inputs = [graph.input('a', 'float64', [2]), graph.input('b', 'float64', [1, 1])]
    const { gradients: clipped, norm } = clipByGlobalNorm(inputs, inputs.map(normOf), limit)
    graph.output('norm', norm)
    graph.output('a_out', clipped[0]!)
    graph.output('b_out', clipped[1]!)
    return await runGraph(graph, {
      a: { shape: [2], data: [2 * scale, 4 * scale] },
      b: { shape: [1, 1], data: [4 * scale] },
    })
  }

  test('scales all together to the limit', async () => {
    const { norm, a_out, b_out } = await run(3)
    expect(norm!.data).toEqual([6])
    expect([...a_out!.data, ...b_out!.data].map((x) => x * 2)).toEqual(
      [2, 4, 4].map((x): unknown => expect.closeTo(x, 5)),
    )
  })

  test('leaves what is below the limit as it is, bit for bit', async () => {
    const { a_out, b_out } = await run(6.5)
    expect([...a_out!.data, ...b_out!.data]).toEqual([2, 4, 4])
  })

  test('a norm of zero divides nothing by zero', async () => {
    const { a_out } = await run(1, 0)
    expect(a_out!.data).toEqual([0, 0])
  })
})
