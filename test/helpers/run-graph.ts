// Runs a graph on the CPU, for tests of what it computes.
import '../../src/main/onnx/telemetry-off.ts'
import * as ort from 'onnxruntime-node'
import { encode } from '../../src/main/onnx/encode.ts'
import { tensorData, type Dtype } from '../../src/main/onnx/dtype.ts'
import type { Graph } from '../../src/main/onnx/graph.ts'

/** Numbers with their shape, as tests write and compare them. */
export interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

/** A graph ready to run, until it is disposed. */
interface OpenGraph extends AsyncDisposable {
  /** The outputs by name; inputs are given by name, converted to the type the graph declares. */
  run(inputs: Readonly<Record<string, Numbers>>): Promise<Record<string, Numbers>>
}

export async function openGraph(graph: Graph): Promise<OpenGraph> {
  const session = await ort.InferenceSession.create(encode(graph), {
    executionProviders: ['cpu'],
    logSeverityLevel: 3,
  })
  return {
    run: async (inputs) => {
      const feeds = graph.inputs.map(({ name, dtype }) => {
        const given = inputs[name]
        if (!given) throw new Error(`The test gives no ${name}.`)
        return [name, tensor(dtype, given)] as const
      })
      const results = await session.run(Object.fromEntries(feeds))
      return Object.fromEntries(
        Object.entries(results).map(([name, { dims, data }]) => [
          name,
          { shape: dims, data: Array.from(data as Float32Array, Number) },
        ]),
      )
    },
    [Symbol.asyncDispose]: () => session.release(),
  }
}

/** Runs a graph once. */
export async function runGraph(
  graph: Graph,
  inputs: Readonly<Record<string, Numbers>>,
): Promise<Record<string, Numbers>> {
  await using opened = await openGraph(graph)
  return await opened.run(inputs)
}

function tensor(dtype: Dtype, { shape, data }: Numbers): ort.Tensor {
  return new ort.Tensor(dtype as 'float32', tensorData(dtype, data) as Float32Array, shape)
}

/** Reproducible numbers between -1 and 1 that stay clear of 0 by `gap`, so that no kink of a function is met. */
export function someNumbers(shape: readonly number[], seed = 1, gap = 0.05): Numbers {
  let state = seed * 2_654_435_761
  const next = () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0
    return state / 2 ** 32
  }
  const count = shape.reduce((a, b) => a * b, 1)
  return {
    shape,
    data: Array.from({ length: count }, () => {
      const number = next() * 2 - 1
      return Math.abs(number) < gap ? Math.sign(number || 1) * (gap + Math.abs(number)) : number
    }),
  }
}
