// Every differentiable operation against finite differences in float64, and the rules of differentiation themselves.
import { describe, expect, test } from 'vitest'
import { gradient, stopGradient, withGradient } from '../../../src/main/onnx/gradient.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { lossGraph, operationCases } from '../../helpers/operation-cases.ts'
import { type Numbers, openGraph, runGraph, someNumbers } from '../../helpers/run-graph.ts'

describe('the gradient equals finite differences in float64', () => {
  for (const [name, sample] of Object.entries(operationCases)) {
    const { shapes, of = (x: number) => x } = sample
    test(name, async () => {
      const values = shapes.map((shape, index) => {
        const numbers = someNumbers(shape, index + 2)
        return { shape, data: numbers.data.map(of) }
      })
      await expectDerivatives(lossGraph(sample), values)
    })
  }

  test('no operation is missing here but those that have no gradient', () => {
    const covered = new Set(Object.keys(operationCases).flatMap((name) => name.split(/[ ,]+/)))
    const quantised = ['matMulNBits', 'gatherNBits']
    const without = [
      'reduceMax',
      'reduceMin',
      'reduceNorm',
      'argMax',
      'sign',
      'floor',
      'not',
      'and',
      'or',
      'range',
      'repeat',
      'span',
      'zeros',
    ]
    const comparisons = ['equal', 'greater', 'greaterOrEqual', 'less', 'sizeOf', 'shapeTensor']
    // sumTo and rows are reduceSum and reshape; loops are not differentiated
    const others = ['sumTo', 'rows', 'loop', 'scan', 'branch']
    const missing = Object.keys(o).filter(
      (name) => !covered.has(name) && ![...without, ...quantised, ...comparisons, ...others].includes(name),
    )
    expect(missing).toEqual([])
  })
})

/** Compares the graph's dx outputs with the central differences of its loss. */
async function expectDerivatives(graph: Graph, values: readonly Numbers[]): Promise<void> {
  const feed = (at: readonly Numbers[]) => Object.fromEntries(at.map((value, index) => [`x${index}`, value]))
  await using opened = await openGraph(graph)
  const exact = await opened.run(feed(values))
  const step = 1e-5
  for (const [index, value] of values.entries()) {
    const found = exact[`dx${index}`]?.data ?? []
    expect(found).toHaveLength(value.data.length)
    for (const element of value.data.keys()) {
      const moved = async (by: number) => {
        const data = value.data.with(element, value.data[element]! + by)
        const result = await opened.run(feed(values.with(index, { ...value, data })))
        return result.loss!.data[0]!
      }
      const expected = ((await moved(step)) - (await moved(-step))) / (2 * step)
      expect(Math.abs(found[element]! - expected), `x${index}[${element}]`).toBeLessThan(
        1e-7 * Math.max(1, Math.abs(expected)),
      )
    }
  }
}

describe('rules', () => {
  const x = () => new Graph('g').input('x', 'float64', [3])

  test('a value used twice collects both gradients', async () => {
    const input = x()
    const loss = o.reduceSum(o.mul(input, o.exp(input)))
    input.graph.output('loss', loss)
    const [dx] = gradient(loss, [input])
    input.graph.output('dx0', dx!)
    const data = [0, 1, -1]
    const { dx0 } = await runGraph(input.graph, { x: { shape: [3], data } })
    for (const [index, at] of data.entries())
      expect(dx0!.data[index]).toBeCloseTo(Math.exp(at) * (1 + at), 12)
  })

  test('an operation that is not differentiable is named, with the way', () => {
    const input = x()
    const loss = o.reduceSum(o.mul(o.floor(o.mul(input, 2)), input))
    expect(() => gradient(loss, [input])).toThrow(/Floor is not differentiable.*depends on x through floor/)
  })

  test('stopGradient lets nothing through', async () => {
    const input = x()
    const loss = o.reduceSum(o.mul(stopGradient(o.floor(input)), input))
    const [dx] = gradient(loss, [input])
    input.graph.output('dx', dx!)
    const result = await runGraph(input.graph, { x: { shape: [3], data: [1.5, 2.5, -0.5] } })
    expect(result.dx?.data).toEqual([1, 2, -1])
  })

  test('withGradient replaces the rule: a straight-through estimator', async () => {
    const input = x()
    const rounded = withGradient(o.floor(input), [input], (dy) => [dy])
    const loss = o.reduceSum(o.square(rounded))
    const [dx] = gradient(loss, [input])
    input.graph.output('dx', dx!)
    const result = await runGraph(input.graph, { x: { shape: [3], data: [1.5, 2.5, -0.5] } })
    expect(result.dx?.data).toEqual([2, 4, -2])
  })

  test('a loss that does not depend on a value is refused', () => {
    const input = x()
    const other = input.graph.input('other', 'float64', [])
    expect(() => gradient(o.reduceSum(input), [other])).toThrow(/does not depend on other/)
  })

  test('a loss that is no single number is refused', () => {
    const input = x()
    expect(() => gradient(o.exp(input), [input])).toThrow(/must be a single number/)
  })

  test('a rule that gives the wrong shape is caught where it happens', () => {
    const input = x()
    const wrong = withGradient(o.exp(input), [input], (dy) => [o.reduceSum(dy)])
    expect(() => gradient(o.reduceSum(wrong), [input])).toThrow(/The gradient rule of Identity gave/)
  })
})
