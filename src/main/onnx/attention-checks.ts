// Attention in both its lowerings, at the lengths where kernels switch their way of working.
import { type Check, type CheckCase, Numbers } from './check.ts'
import type { Lowering } from '../../shared/devices.ts'
import { emit, type Graph, type Value } from './graph.ts'
import { add, mul } from './ops/elementwise.ts'
import { matmul } from './ops/matrix.ts'
import { softmax } from './ops/reduce.ts'
import { concat, reshape, transpose, unsqueeze } from './ops/shape.ts'
import { tensor, type Tensor } from './tensor.ts'

const [heads, groups, width] = [4, 2, 16]
/** Some kernels change at the width of a subgroup of the GPU, which is 32 or a multiple on most. */
const LENGTHS = [1, 31, 32, 33, 128]
/** What the softmax of a masked position cannot tell from −∞, and float16 can hold. */
const MASKED = -30_000

type Build = Check['build']

/** One check a lowering with a cache and without, for tokens all at once and one by one. */
export const attentionChecks: readonly (Check & { readonly lowering: Lowering })[] = [false, true].flatMap(
  (cached) => {
    const spelled = spelledOut(cached)
    const suffix = cached ? ' with a cache' : ''
    const shared = { float16: true, reference: spelled, cases: () => LENGTHS.map((n) => attend(n, cached)) }
    return [
      {
        ...shared,
        id: `attention-fused${cached ? '-cached' : ''}`,
        title: `Attention by the provider’s kernel${suffix}`,
        lowering: 'fused',
        build: fused(cached),
      },
      {
        ...shared,
        id: `attention-spelled-out${cached ? '-cached' : ''}`,
        title: `Attention as products and a softmax${suffix}`,
        lowering: 'spelled-out',
        build: spelled,
      },
    ]
  },
)

interface Inputs {
  readonly query: Value
  readonly key: Value
  readonly value: Value
  readonly pastKey: Value | undefined
  readonly pastValue: Value | undefined
  /** (B) the last valid key's position. */
  readonly last: Value
  /** (1) keys in all, padding included. */
  readonly total: Value
  /** (B, 1, 1, S, T) 0 where a query sees a key. */
  readonly mask: Value
}

/** Both lowerings get all inputs, so that one set of numbers serves both. */
function inputs(graph: Graph, cached: boolean, narrow: (value: Value) => Value): Inputs {
  const floats = (name: string, shape: (number | string)[]) => narrow(graph.input(name, 'float32', shape))
  return {
    query: floats('query', ['B', 'S', heads * width]),
    key: floats('key', ['B', 'S', groups * width]),
    value: floats('value', ['B', 'S', groups * width]),
    pastKey: cached ? floats('past_key', ['B', groups, 'P', width]) : undefined,
    pastValue: cached ? floats('past_value', ['B', groups, 'P', width]) : undefined,
    last: graph.input('last', 'int32', ['B']),
    total: graph.input('total', 'int32', [1]),
    mask: floats('mask', ['B', 1, 1, 'S', cached ? 'P+S' : 'S']),
  }
}

function fused(cached: boolean): Build {
  return (graph, narrow) => {
    const { query, key, value, pastKey, pastValue, last, total } = inputs(graph, cached, narrow)
    const present = { dtype: key.dtype, shape: ['B', groups, cached ? 'P+S' : 'S', width] }
    // without the two it may leave out, the CPU's kernel ignores the cache
    const names = ['y', 'present_key', 'present_value']
    const outputs = emit({
      op: 'GroupQueryAttention',
      domain: 'com.microsoft',
      inputs: [query, key, value, pastKey, pastValue, last, total],
      outputs: [query, present, present],
      attributes: { num_heads: heads, kv_num_heads: groups },
    })
    return Object.fromEntries(outputs.map((output, index) => [names[index] ?? '', output] as const))
  }
}

function spelledOut(cached: boolean): Build {
  return (graph, narrow) => {
    const { query, key, value, pastKey, pastValue, mask } = inputs(graph, cached, narrow)
    const split = (x: Value, count: number) => transpose(reshape(x, ['B', 'S', count, width]), [0, 2, 1, 3])
    const joined = (past: Value | undefined, now: Value) => {
      const own = split(now, groups)
      return unsqueeze(past ? concat([past, own], 2) : own, [2])
    }
    const queries = reshape(split(query, heads), ['B', groups, heads / groups, 'S', width])
    const keys = transpose(joined(pastKey, key), [0, 1, 2, 4, 3])
    const scores = add(mul(matmul(queries, keys), 1 / Math.sqrt(width)), mask)
    const mixed = matmul(softmax(scores, -1), joined(pastValue, value))
    const merged = transpose(reshape(mixed, ['B', heads, 'S', width]), [0, 2, 1, 3])
    return { y: reshape(merged, ['B', 'S', heads * width]) }
  }
}

/** Two rows, the second with a third of it padding on the right: `length` tokens, or one more after as many. */
function attend(length: number, cached: boolean): CheckCase {
  const numbers = new Numbers(100 + length)
  const [batch, past, now] = [2, cached ? length : 0, cached ? 1 : length]
  const valid: readonly [number, number] = [length, Math.ceil((length * 2) / 3)]
  const total = past + now
  const mask = new Float32Array(batch * now * total).fill(MASKED)
  for (const [b, count] of valid.entries()) {
    for (let query = 0; query < now; query++) {
      for (let key = 0; key < total; key++) {
        const inPast = key < past
        const sees = inPast ? key < count : key - past <= query
        if (sees) mask[(b * now + query) * total + key] = 0
      }
    }
  }
  const feeds: Record<string, Tensor> = {
    query: numbers.floats([batch, now, heads * width], 3),
    key: numbers.floats([batch, now, groups * width], 3),
    value: numbers.floats([batch, now, groups * width]),
    last: tensor(
      'int32',
      [batch],
      Int32Array.from(valid, (count) => count - 1 + (cached ? now : 0)),
    ),
    total: tensor('int32', [1], Int32Array.of(total)),
    mask: tensor('float32', [batch, 1, 1, now, total], mask),
  }
  if (cached) {
    feeds.past_key = numbers.floats([batch, groups, past, width], 3)
    feeds.past_value = numbers.floats([batch, groups, past, width])
  }
  const label = `${length} ${length === 1 ? 'token' : 'tokens'}${cached ? ' before' : ''}`
  return { label, feeds, ...(!cached && { lengths: valid }) }
}
