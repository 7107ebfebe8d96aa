// What the builder refuses, how it says so, where it puts operations, and what a person reads of a graph.
import { describe, expect, test } from 'vitest'
import { encode } from '../../../src/main/onnx/encode.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { print } from '../../../src/main/onnx/print.ts'
import { runGraph } from '../../helpers/run-graph.ts'

const graph = new Graph('g')
const x = graph.input('x', 'float32', ['B', 4])
const w = graph.input('w', 'float32', [5, 3])
const n = graph.input('n', 'int64', ['B', 4])
const c = graph.input('c', 'bool', [4])

describe('a wrong graph fails while it is built', () => {
  test.each([
    [
      'matmul',
      () => o.matmul(x, w),
      'matmul(x: float32[B, 4], w: float32[5, 3]): the inner dimensions differ, 4 and 5.',
    ],
    [
      'types',
      () => o.add(x, n),
      'Add(x: float32[B, 4], n: int64[B, 4]): float32 and int64 do not mix; cast one.',
    ],
    ['shapes', () => o.mul(x, w), 'Mul(x: float32[B, 4], w: float32[5, 3]): the shapes do not broadcast.'],
    ['two numbers', () => o.add(1, 2), 'Add(1, 2): one of the two must be a tensor.'],
    ['a condition', () => o.where(x, x, 0), 'the condition must be bool'],
    ['branches of where', () => o.where(c, x, n), 'float32 and int64 do not mix'],
    ['reshape', () => o.reshape(x, ['B', 5]), 'has not as many elements as [B, 5].'],
    ['letters', () => o.reshape(x, ['T', 4]), 'has not as many elements as [T, 4].'],
    ['expand', () => o.expand(x, ['B', 5]), 'does not repeat to [B, 5].'],
    ['squeeze', () => o.squeeze(x, [1]), 'axes 1 are not 1.'],
    ['transpose', () => o.transpose(x, [0, 0]), '[0, 0] is no order of its axes.'],
    ['concat', () => o.concat([x, w], 0), 'they differ beside axis 0.'],
    ['split', () => o.split(x, [1, 2], 1), 'parts of 1, 2 do not fill axis 1.'],
    ['slice', () => o.slice(x, 1, 2, 5), '2 to 5 is not within axis 1.'],
    ['axis', () => o.softmax(x, 2), 'There is no axis 2 in a tensor of rank 2.'],
    ['gather', () => o.gather(x, w), 'indices must be int64 or int32.'],
    ['topK', () => o.topK(x, 5), 'there are no 5 elements along axis 1.'],
    ['gemm', () => o.gemm(x, o.transpose(w), { transposeB: true, plus: c }), 'the types do not mix.'],
    [
      'a letter without a place',
      () => o.zeros(graph, 'float32', ['Q']),
      'No input of the graph "g" has the dimension Q.',
    ],
    [
      'weights',
      () => graph.constant('k', 'float32', [3], new Float32Array(2)),
      'float32[3] takes 12 bytes, and 8 were given.',
    ],
    ['another graph', () => o.add(x, new Graph('h').input('y', 'float32', [4])), 'different graphs'],
  ])('%s', (_, build, message) => expect(build).toThrow(message))
})

describe('letters', () => {
  test('sizes are read from the inputs when the graph runs', async () => {
    const g = new Graph('letters')
    const tokens = g.input('tokens', 'float32', ['B', 'T', 2])
    const past = g.input('past', 'float32', ['P'])
    const rows = o.rows(tokens)
    expect(rows.shape).toEqual(['B*T', 2])
    g.output('back', o.reshape(o.neg(rows), ['B', 'T', 2]))
    g.output('ones', o.add(o.zeros(g, 'float32', ['B', 'P+T+1']), 1))
    g.output('count', o.identity(o.sizeOf(g, 'B*T', 'float32')))
    g.output('past_out', o.neg(past))
    const result = await runGraph(g, {
      tokens: { shape: [2, 3, 2], data: [...Array(12).keys()] },
      past: { shape: [4], data: [1, 2, 3, 4] },
    })
    expect(result.back!.shape).toEqual([2, 3, 2])
    expect(result.back!.data[11]).toBe(-11)
    expect(result.ones!.shape).toEqual([2, 8])
    expect(result.count!.data).toEqual([6])
  })
})

describe('loops', () => {
  test('what does not change from turn to turn is done outside, once', () => {
    const g = new Graph('outer')
    const start = g.input('start', 'float32', [3])
    const times = g.input('times', 'int64', [])
    const factor = g.input('factor', 'float32', [3])
    o.loop({
      times,
      timesDim: 'K',
      state: [start],
      body: (_, [state]) => ({ state: [o.mul(state!, o.exp(factor))] }),
    })
    const [exp, loop] = g.nodes
    expect([exp!.op, loop!.op]).toEqual(['Exp', 'Loop'])
    expect(loop!.bodies.body!.nodes.map(({ op }) => op)).toEqual(['Mul', 'Identity'])
  })

  test('keeps values of each turn, lets state grow, and ends early', async () => {
    const g = new Graph('outer')
    const start = g.input('start', 'float32', [1])
    const list = g.input('list', 'float32', ['P'])
    const times = g.input('times', 'int64', [])
    const { state, kept } = o.loop({
      times,
      timesDim: 'K',
      state: [start, list],
      shapes: [undefined, ['L']],
      body: (turn, [value, seen]) => {
        const next = o.mul(value!, 2)
        return {
          state: [next, o.concat([seen!, next], 0)],
          kept: [o.add(next, o.cast(turn, 'float32'))],
          goOn: o.less(o.squeeze(next, [0]), 16),
        }
      },
    })
    g.output('last', state[0]!)
    g.output('grown', state[1]!)
    g.output('kept', kept[0]!)
    const result = await runGraph(g, {
      start: { shape: [1], data: [1] },
      list: { shape: [1], data: [1] },
      times: { shape: [], data: [10] },
    })
    expect(result.last!.data).toEqual([16])
    expect(result.grown!.data).toEqual([1, 2, 4, 8, 16])
    expect(result.kept).toEqual({ shape: [4, 1], data: [2, 5, 10, 19] })
  })

  test('scan maps slices, and a branch runs one side', async () => {
    const g = new Graph('outer')
    const values = g.input('values', 'float32', [3, 2])
    const [sums] = o.scan({ over: [values], body: ([row]) => [o.reduceSum(row!, [0])] })
    const large = o.greater(o.reduceSum(sums!), 10)
    const [chosen] = o.branch(
      large,
      () => [o.mul(sums!, 10)],
      () => [o.neg(sums!)],
    )
    g.output('chosen', chosen!)
    const run = async (data: number[]) =>
      (await runGraph(g, { values: { shape: [3, 2], data } })).chosen!.data
    expect(await run([1, 2, 3, 4, 5, 6])).toEqual([30, 70, 110])
    expect(await run([1, 0, 1, 0, 1, 0])).toEqual([-1, -1, -1])
  })
})

describe('the file', () => {
  test('holds nothing the outputs do not depend on', () => {
    const build = (extra: boolean) => {
      const g = new Graph('g')
      const input = g.input('x', 'float32', [2])
      g.output('y', o.add(input, 1))
      if (extra) o.mul(input, g.constant('large', 'float32', [1000, 1], new Float32Array(1000)))
      return encode(g).byteLength
    }
    expect(build(true)).toBe(build(false))
  })

  test('a constant, an input or one value twice can be given back', async () => {
    const g = new Graph('g')
    const input = g.input('x', 'float32', [2])
    const y = o.neg(input)
    for (const [name, value] of Object.entries({ a: y, b: y, c: input, d: g.scalar('float32', 3) }))
      g.output(name, value)
    const { a, b, c: same, d } = await runGraph(g, { x: { shape: [2], data: [1, 2] } })
    expect([a!.data, b!.data, same!.data, d!.data]).toEqual([[-1, -2], [-1, -2], [1, 2], [3]])
  })

  test('is printed for a person', () => {
    const g = new Graph('print')
    const input = g.input('x', 'float32', ['B', 2])
    g.constant('table', 'float32', [2, 3], { file: 'model.safetensors', offset: 8, length: 24 })
    g.output('y', o.softmax(o.mul(input, 2), 1))
    expect(print(g)).toBe(
      [
        'graph print {',
        '  in   x: float32[B, 2]',
        '  with table: float32[2, 3] from model.safetensors at 8',
        '  with const_0: float32[] = 2',
        '  mul: float32[B, 2] = Mul(x, const_0)',
        '  y: float32[B, 2] = Softmax(mul, axis=1)',
        '  out  y: float32[B, 2]',
        '}',
      ].join('\n'),
    )
  })
})
