// The two lowerings of attention against each other, and against the definition written out in JavaScript.
import { describe, expect, test } from 'vitest'
import { attention } from '../../../src/main/onnx/attention.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import type { Lowering } from '../../../src/shared/devices.ts'
import { type Numbers, runGraph, someNumbers } from '../../helpers/run-graph.ts'

const [HEADS, KEY_HEADS, WIDTH, POSITIONS] = [4, 2, 16, 64]

/** A graph whose batch, tokens and cache are letters, so that one graph serves all sizes. */
function build(lowering: Lowering, cache: boolean): Graph {
  const graph = new Graph(lowering)
  const input = (name: string, width: number) => graph.input(name, 'float32', ['B', 'T', width])
  const cached = (name: string) => graph.input(name, 'float32', ['B', KEY_HEADS, 'P', WIDTH])
  const inputs = {
    query: input('query', HEADS * WIDTH),
    key: input('key', KEY_HEADS * WIDTH),
    value: input('value', KEY_HEADS * WIDTH),
    ...(cache && { past: { key: cached('past_key'), value: cached('past_value') } }),
    lengths: graph.input('lengths', 'int32', ['B']),
    cos: graph.input('cos', 'float32', [POSITIONS, WIDTH / 2]),
    sin: graph.input('sin', 'float32', [POSITIONS, WIDTH / 2]),
  }
  const { output, present } = attention(inputs, { heads: HEADS, keyHeads: KEY_HEADS }, lowering)
  graph.output('output', output)
  graph.output('present_key', present.key)
  graph.output('present_value', present.value)
  return graph
}

const angle = (position: number, pair: number) => position / 100 ** (pair / (WIDTH / 2))
const table = (f: (angle: number) => number): Numbers => ({
  shape: [POSITIONS, WIDTH / 2],
  data: Array.from({ length: (POSITIONS * WIDTH) / 2 }, (_, i) =>
    f(angle(Math.floor(i / (WIDTH / 2)), i % (WIDTH / 2))),
  ),
})

function feed(tokens: number, lengths: readonly number[], past = 0): Record<string, Numbers> {
  const rows = lengths.length
  return {
    query: someNumbers([rows, tokens, HEADS * WIDTH], 1),
    key: someNumbers([rows, tokens, KEY_HEADS * WIDTH], 2),
    value: someNumbers([rows, tokens, KEY_HEADS * WIDTH], 3),
    past_key: someNumbers([rows, KEY_HEADS, past, WIDTH], 4),
    past_value: someNumbers([rows, KEY_HEADS, past, WIDTH], 5),
    lengths: { shape: [rows], data: lengths },
    cos: table(Math.cos),
    sin: table(Math.sin),
  }
}

/** Rows × tokens × width without the padding. */
function real(output: Numbers, lengths: readonly number[], past = 0): number[][] {
  const [, tokens, width] = output.shape as [number, number, number]
  return lengths.map((length, row) =>
    output.data.slice(row * tokens * width, (row * tokens + length - past) * width),
  )
}

function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length)
  const scale = Math.max(...wanted.map(Math.abs))
  const worst = Math.max(...found.map((number, index) => Math.abs(number - wanted[index]!)))
  expect(worst / scale).toBeLessThan(2e-6)
}

/** One row without a cache, by the definition. */
function byHand(inputs: Record<string, Numbers>, length: number): number[] {
  const rotated = (name: string, heads: number) =>
    Array.from({ length }, (_, position) =>
      Array.from({ length: heads }, (_, head) => {
        const at = (index: number) => inputs[name]!.data[(position * heads + head) * WIDTH + index]!
        return Array.from({ length: WIDTH }, (_, index) => {
          const pair = index % (WIDTH / 2)
          const [cos, sin] = [Math.cos(angle(position, pair)), Math.sin(angle(position, pair))]
          const other = index < WIDTH / 2 ? -at(index + WIDTH / 2) : at(index - WIDTH / 2)
          return at(index) * cos + other * sin
        })
      }),
    )
  const [queries, keys] = [rotated('query', HEADS), rotated('key', KEY_HEADS)]
  const result: number[] = []
  for (let position = 0; position < length; position++) {
    for (let head = 0; head < HEADS; head++) {
      const shared = Math.floor(head / (HEADS / KEY_HEADS))
      const q = queries[position]![head]!
      const scores = keys.slice(0, position + 1).map((key) => {
        const dot = q.reduce((total, number, index) => total + number * key[shared]![index]!, 0)
        return Math.exp(dot / Math.sqrt(WIDTH))
      })
      const all = scores.reduce((a, b) => a + b)
      for (let index = 0; index < WIDTH; index++) {
        const value = (at: number) => inputs.value!.data[(at * KEY_HEADS + shared) * WIDTH + index]!
        result.push(scores.reduce((total, score, at) => total + (score / all) * value(at), 0))
      }
    }
  }
  return result
}

describe.each(['fused', 'spelled-out'] as const)('%s attention', (lowering) => {
  test.each([1, 5, 33])('is the definition at %i tokens', async (tokens) => {
    const inputs = feed(tokens, [tokens])
    const { output } = await runGraph(build(lowering, false), inputs)
    expectClose(output?.data ?? [], byHand(inputs, tokens))
  })

  test('does not let padding change a row', async () => {
    const inputs = feed(6, [6, 4, 1])
    const { output } = await runGraph(build(lowering, false), inputs)
    const rows = real(output!, [6, 4, 1])
    const short = Object.fromEntries(
      Object.entries(inputs).map(([name, { shape, data }]) => {
        if (!['query', 'key', 'value'].includes(name)) return [name, { shape, data }]
        const [, tokens, width] = shape as [number, number, number]
        return [name, { shape: [1, 4, width], data: data.slice(tokens * width, (tokens + 4) * width) }]
      }),
    )
    expectClose(rows[1] ?? [], byHand(short, 4))
  })

  test('goes on from a cache as if it had seen all at once', async () => {
    const all = feed(9, [9])
    const cut = (from: number, to: number) =>
      Object.fromEntries(
        Object.entries(all).map(([name, { shape, data }]) => {
          const width = shape[2]!
          return ['query', 'key', 'value'].includes(name)
            ? [name, { shape: [1, to - from, width], data: data.slice(from * width, to * width) }]
            : [name, { shape, data }]
        }),
      )
    const first = await runGraph(build(lowering, false), { ...cut(0, 6), lengths: { shape: [1], data: [6] } })
    const second = await runGraph(build(lowering, true), {
      ...cut(6, 9),
      past_key: first.present_key!,
      past_value: first.present_value!,
    })
    const whole = byHand(all, 9)
    expectClose(second.output?.data ?? [], whole.slice(6 * HEADS * WIDTH))
    expect(second.present_key?.shape).toEqual([1, KEY_HEADS, 9, WIDTH])
  })
})
