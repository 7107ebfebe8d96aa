// Causal attention with grouped heads and rotary positions, in two lowerings that must give the same numbers.
import type { Lowering } from '../../shared/devices.ts'
import { type Dim, sum } from './dims.ts'
import { emit, type Value } from './graph.ts'
import { add, and, cast, greaterOrEqual, less, mul, sub, where } from './ops/elementwise.ts'
import { matmul } from './ops/matrix.ts'
import { softmax } from './ops/reduce.ts'
import { gather } from './ops/select.ts'
import { concat, range, reshape, sizeOf, slice, transpose, unsqueeze } from './ops/shape.ts'

/**
 * B rows, T new tokens, P tokens in the cache, H heads, G key and value heads, C width of a head. A row's tokens stand
 * at its start; what follows a row's length is padding, whose results mean nothing and touch no other's.
 */
export interface AttentionInputs {
  /** (B, T, H·C) */
  readonly query: Value
  /** (B, T, G·C) */
  readonly key: Value
  /** (B, T, G·C) */
  readonly value: Value
  /** The three above side by side (B, T, (H + 2G)·C), where they were made so. */
  readonly packed?: Value | undefined
  /** Keys and values of earlier tokens, each (B, G, P, C), rotated already. Rows with a cache must have no padding in it. */
  readonly past?: { readonly key: Value; readonly value: Value }
  /**
   * int32 (1): P and T together, where the cache may have room for more tokens than that. A run that is given the same
   * memory for the cache before and after writes the new tokens into it; fused attention on the CPU only.
   */
  readonly total?: Value | undefined
  /** int32 (B): tokens of each row, those in the cache included. */
  readonly lengths: Value
  /** Cosines and sines of the rotary angles, each (positions, C/2). */
  readonly cos: Value
  readonly sin: Value
}

export interface AttentionOptions {
  readonly heads: number
  readonly keyHeads: number
}

export interface AttentionResult {
  /** (B, T, H·C) */
  readonly output: Value
  /** The cache for the next tokens, each (B, G, P+T, C), or as large as its room. */
  readonly present: { readonly key: Value; readonly value: Value }
}

/** Attention as the device computes it fastest and right; which lowering that is, the device's numerics check knows. */
export function attention(
  inputs: AttentionInputs,
  options: AttentionOptions,
  lowering: Lowering,
): AttentionResult {
  return lowering === 'fused' ? fused(inputs, options) : spelledOut(inputs, options)
}

interface Sizes {
  readonly rows: Dim
  readonly tokens: Dim
  readonly past: Dim
  readonly width: number
}

function sizesOf({ query, past }: AttentionInputs, { heads }: AttentionOptions): Sizes {
  const [rows, tokens, all] = query.shape as [Dim, Dim, Dim]
  if (typeof all !== 'number' || all % heads !== 0) {
    throw new Error(`attention(${query}): its last axis must be ${heads} heads of equal width.`)
  }
  return { rows, tokens, past: past?.key.shape[2] ?? 0, width: all / heads }
}

/** onnxruntime's GroupQueryAttention: one kernel, and flash attention where the device has it. */
function fused(inputs: AttentionInputs, options: AttentionOptions): AttentionResult {
  const { query, key, value, packed, past, lengths, cos, sin } = inputs
  const sizes = sizesOf(inputs, options)
  const { dtype } = query
  if (sizes.width % 16 !== 0) {
    throw new Error(`attention: fused attention wants heads of a multiple of 16, not of ${sizes.width}.`)
  }
  const total = sum(sizes.past, sizes.tokens)
  const present = { dtype, shape: [sizes.rows, options.keyHeads, total, sizes.width] }
  const [output, presentKey, presentValue] = emit({
    op: 'GroupQueryAttention',
    domain: 'com.microsoft',
    inputs: [
      ...(packed ? [packed, undefined, undefined] : [query, key, value]),
      past?.key,
      past?.value,
      sub(lengths, 1),
      inputs.total ?? sizeOf(query.graph, total, 'int32'),
      cos,
      sin,
    ],
    outputs: [{ dtype, shape: query.shape }, present, present],
    attributes: { num_heads: options.heads, kv_num_heads: options.keyHeads, do_rotary: 1 },
  }) as [Value, Value, Value]
  return { output, present: { key: presentKey, value: presentValue } }
}

/** The same from matrix products, for devices whose fused kernel is wrong. */
function spelledOut(inputs: AttentionInputs, options: AttentionOptions): AttentionResult {
  const { query, key, value, past, lengths, cos, sin } = inputs
  const { rows, tokens, past: before, width } = sizesOf(inputs, options)
  const { heads, keyHeads } = options
  const { graph } = query
  const total = sum(before, tokens)
  const positions = add(range(graph, tokens), sizeOf(graph, before))
  const split = (x: Value, count: number) => transpose(reshape(x, [rows, tokens, count, width]), [0, 2, 1, 3])
  const turn = (x: Value) => rotate(x, gather(cos, positions), gather(sin, positions))
  const newKey = turn(split(key, keyHeads))
  const newValue = split(value, keyHeads)
  const presentKey = past ? concat([past.key, newKey], 2) : newKey
  const presentValue = past ? concat([past.value, newValue], 2) : newValue

  // the heads that share a key are an axis of their own, along which the key is repeated
  const group = heads / keyHeads
  const grouped = (x: Value) => unsqueeze(x, [2])
  const q = reshape(turn(split(query, heads)), [rows, keyHeads, group, tokens, width])
  const scores = mul(matmul(q, transpose(grouped(presentKey), [0, 1, 2, 4, 3])), 1 / Math.sqrt(width))
  const keys = range(graph, total)
  const causal = greaterOrEqual(unsqueeze(positions, [1]), unsqueeze(keys, [0]))
  const real = less(unsqueeze(keys, [0]), unsqueeze(cast(lengths, 'int64'), [1]))
  const seen = and(causal, reshape(real, [rows, 1, 1, 1, total]))
  const weights = softmax(where(seen, scores, lowest(query)), -1)
  const output = transpose(
    reshape(matmul(weights, grouped(presentValue)), [rows, heads, tokens, width]),
    [0, 2, 1, 3],
  )
  return {
    output: reshape(output, query.shape),
    present: { key: presentKey, value: presentValue },
  }
}

/** A score no softmax notices, within the type's range. */
function lowest({ dtype }: Value): number {
  return dtype === 'float16' ? -65_504 : -3e38
}

/** Rotates the two halves of each head's width against each other (Su et al., 2021, in LLaMA's order). */
function rotate(x: Value, cos: Value, sin: Value): Value {
  const half = (x.shape[3] as number) / 2
  const [left, right] = [slice(x, 3, 0, half), slice(x, 3, half, 2 * half)]
  return concat([sub(mul(left, cos), mul(right, sin)), add(mul(right, cos), mul(left, sin))], 3)
}
