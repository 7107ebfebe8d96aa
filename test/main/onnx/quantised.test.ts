// Products with quantised matrices against the same in double precision.
import { describe, expect, test } from 'vitest'
import { Graph } from '../../../src/main/onnx/graph.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { runGraph, someNumbers } from '../../helpers/run-graph.ts'

/** N rows of K numbers. */
const [N, K] = [24, 96]

/** Numbers, scales and zeros as the operands take them, and what they mean in double precision. */
function someMatrix(bits: 4 | 8, block: number, withZeros: boolean) {
  const count = K / block
  const bytes = (random: readonly number[]) =>
    Uint8Array.from(random, (number) => Math.floor(((number + 1) / 2) * 255.99))
  const numbers = bytes(someNumbers([(N * K * bits) / 8], 1, 0).data)
  const scales = Float32Array.from(someNumbers([N * count], 2).data)
  const zeroBytes = Math.ceil((count * bits) / 8)
  const zeros = withZeros ? bytes(someNumbers([N * zeroBytes], 3, 0).data) : undefined
  const at = (data: Uint8Array, index: number) =>
    bits === 8 ? data[index]! : (data[index >> 1]! >> ((index & 1) * 4)) & 15
  const values = Array.from({ length: N * K }, (_, index) => {
    const [row, column] = [Math.floor(index / K), index % K]
    const inRow = Math.floor(column / block)
    const zero = zeros ? at(zeros, row * zeroBytes * (8 / bits) + inRow) : 2 ** (bits - 1)
    return scales[row * count + inRow]! * (at(numbers, index) - zero)
  })
  return { numbers, scales, zeros, zeroBytes, count, values }
}

describe.each([4, 8] as const)('%i bits', (bits) => {
  const blocks = [16, 32]

  test.each(blocks.flatMap((block) => [false, true].map((zeros) => ({ block, zeros }))))(
    'x·Wᵀ in blocks of $block, zeros given: $zeros',
    async ({ block, zeros }) => {
      const matrix = someMatrix(bits, block, zeros)
      const graph = new Graph('product')
      const x = graph.input('x', 'float32', ['B', 'T', K])
      const operands = {
        bits,
        block,
        numbers: graph.constant('numbers', 'uint8', [N, matrix.count, (block * bits) / 8], matrix.numbers),
        scales: graph.constant('scales', 'float32', [N, matrix.count], matrix.scales),
        ...(matrix.zeros && {
          zeros: graph.constant('zeros', 'uint8', [N, matrix.zeroBytes], matrix.zeros),
        }),
      }
      graph.output('exact', o.matMulNBits(x, operands, 'float32'))
      graph.output('rounded', o.matMulNBits(x, operands, 'int8'))
      const numbers = someNumbers([2, 3, K], 4)
      const { exact, rounded } = await runGraph(graph, { x: numbers })
      const wanted = Array.from({ length: 6 * N }, (_, index) => {
        const [row, column] = [Math.floor(index / N), index % N]
        let total = 0
        for (let k = 0; k < K; k++) total += numbers.data[row * K + k]! * matrix.values[column * K + k]!
        return total
      })
      const scale = Math.max(...wanted.map(Math.abs))
      const worst = (found: readonly number[]) =>
        Math.max(...found.map((number, index) => Math.abs(number - wanted[index]!))) / scale
      expect(exact!.shape).toEqual([2, 3, N])
      expect(worst(exact!.data)).toBeLessThan(2e-6)
      // x rounded to 8 bits: half a step of 1/127 for each of K numbers, of random sign
      expect(worst(rounded!.data)).toBeLessThan(1e-2)
      expect(worst(rounded!.data)).toBeGreaterThan(1e-5)
    },
  )

  test('sums of the largest products do not overflow', async () => {
    const graph = new Graph('extremes')
    const x = graph.input('x', 'float32', [1, K])
    const operands = {
      bits,
      block: 32,
      numbers: graph.constant(
        'numbers',
        'uint8',
        [1, K / 32, 4 * bits],
        new Uint8Array((K * bits) / 8).fill(255),
      ),
      scales: graph.constant('scales', 'float32', [1, K / 32], new Float32Array(K / 32).fill(1)),
    }
    graph.output('y', o.matMulNBits(x, operands, 'int8'))
    for (const sign of [1, -1]) {
      const { y } = await runGraph(graph, { x: { shape: [1, K], data: new Array<number>(K).fill(sign) } })
      expect(y!.data[0]).toBeCloseTo(sign * K * (2 ** (bits - 1) - 1), 2)
    }
  })

  test.each(blocks)('rows in blocks of %i', async (block) => {
    const matrix = someMatrix(bits, block, false)
    const graph = new Graph('rows')
    const indices = graph.input('indices', 'int64', ['B', 'T'])
    const numbers = graph.constant('numbers', 'uint8', [N, (K * bits) / 8], matrix.numbers)
    const scales = graph.constant('scales', 'float32', [N, matrix.count], matrix.scales)
    graph.output('rows', o.gatherNBits({ bits, block, numbers, scales }, indices))
    const { rows } = await runGraph(graph, { indices: { shape: [1, 3], data: [5, 0, 23] } })
    expect(rows!.shape).toEqual([1, 3, K])
    const wanted = [5, 0, 23].flatMap((row) => matrix.values.slice(row * K, (row + 1) * K))
    for (const [index, number] of rows!.data.entries()) expect(number).toBeCloseTo(wanted[index]!, 4)
  })
})

test('operands that do not fit are refused', () => {
  const graph = new Graph('misfits')
  const operands = (bytes: number, count = 2) => ({
    bits: 4 as const,
    block: 32,
    numbers: graph.constant('numbers', 'uint8', [3, 2, bytes], new Uint8Array(6 * bytes)),
    scales: graph.constant('scales', 'float32', [3, count], new Float32Array(3 * count)),
  })
  const x = graph.input('x', 'float32', ['T', 64])
  const short = graph.input('short', 'float32', ['T', 32])
  const zeros = graph.constant('zeros', 'uint8', [3, 2], new Uint8Array(6))
  expect(() => o.matMulNBits(x, operands(32), 'int8')).toThrow('the numbers must be uint8[N, K/32, 16]')
  expect(() => o.matMulNBits(x, operands(16, 1), 'int8')).toThrow('the scales must be float32[3, 2]')
  expect(() => o.matMulNBits(short, operands(16), 'int8')).toThrow('the inner dimensions differ, 32 and 64')
  expect(() => o.matMulNBits(x, { ...operands(16), zeros }, 'int8')).toThrow('the zeros must be uint8[3, 1]')
  const indices = graph.input('indices', 'int64', ['T'])
  expect(() => o.gatherNBits(operands(16), indices)).toThrow('the numbers must be uint8[N, K·4/8]')
})
