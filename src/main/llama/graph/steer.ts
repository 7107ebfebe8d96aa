// Steering: directions added to the residual stream at a hook, or the features that read it held at a value.
import type { Graph, Value } from '../../onnx/graph.ts'
import { add, cast, greater, mul, sub, where } from '../../onnx/ops/elementwise.ts'
import { gemm } from '../../onnx/ops/matrix.ts'
import { gather } from '../../onnx/ops/select.ts'
import { concat, reshape, unsqueeze, zeros } from '../../onnx/ops/shape.ts'
import { inAllRows } from './rows.ts'

/**
 * B rows, T tokens, D width, F features, N slots, R rows that arrive: B of them, or one that is steered in B ways. Slot n has a direction d, and reads the stream as a feature does:
 * f = p where p is above θ, else 0, with p = h·e + b, or one of all F features where the graph has their encoder. All
 * slots read the same h, the one that arrives at the hook.
 */
export const steeringInputs = {
  /** (N, D) d */
  directions: 'steer_directions',
  /** (N, D) e */
  encoders: 'steer_encoders',
  /** (N) b */
  biases: 'steer_biases',
  /** int64 (N): which of all features it is; in a graph with their encoder, instead of e and b. */
  slots: 'steer_slots',
  /** (N) θ */
  thresholds: 'steer_thresholds',
  /** int64 (N): the slot that must fire where this one acts; N for none. */
  conditions: 'steer_conditions',
  /** (B, N): how much of d is added. */
  amounts: 'steer_amounts',
  /** (B, N): what f is held at, */
  targets: 'steer_targets',
  /** (B, N): where this is not 0. */
  holds: 'steer_holds',
  /** (B, T): 1 where a token is steered, 0 where it is left alone. */
  tokens: 'steer_tokens',
} as const

/** All features (R·T, F) of h (R·T, D) in float32, none of them negative. */
export type AllFeatures = (h: Value) => Value

export interface Steered {
  /** (B·T, D) */
  readonly stream: Value
  /** (B, T, N): f of each slot, of the stream that arrived. */
  readonly features: Value
}

/**
 * h + Σ c·d for h (R·T, D), with c the amount, or target − f where the slot is held; 0 where its condition does not
 * fire. A row whose amounts and holds are all 0 comes out bit for bit as it went in. Computed in float32.
 */
export function steer(graph: Graph, stream: Value, width: number, all?: AllFeatures): Steered {
  const names = steeringInputs
  const floats = (name: string, shape: (number | string)[]) => graph.input(name, 'float32', shape)
  const directions = floats(names.directions, ['N', width])
  const thresholds = floats(names.thresholds, ['N'])
  const conditions = graph.input(names.conditions, 'int64', ['N'])
  const perRow = (name: string) => unsqueeze(floats(name, ['B', 'N']), [1])
  const [amounts, targets, holds] = [perRow(names.amounts), perRow(names.targets), perRow(names.holds)]
  const tokens = unsqueeze(floats(names.tokens, ['B', 'T']), [2])

  const h = cast(stream, 'float32')
  const read = all
    ? gather(all(h), graph.input(names.slots, 'int64', ['N']), 1)
    : gemm(h, floats(names.encoders, ['N', width]), {
        transposeB: true,
        plus: floats(names.biases, ['N']),
      })
  const reads = reshape(inAllRows(read), ['B', 'T', 'N'])
  const fires = greater(reads, thresholds)
  const features = where(fires, reads, 0)
  // behind the last slot stands one that always fires
  const firing = cast(fires, 'float32')
  const always = add(zeros(graph, 'float32', ['B', 'T', 1]), 1)
  const met = gather(concat([firing, always], 2), conditions, 2)
  const wanted = add(amounts, where(greater(holds, 0), sub(targets, features), 0))
  const acts = greater(mul(met, tokens), 0)
  const coefficients = reshape(where(acts, wanted, 0), ['B*T', 'N'])
  const steered = add(inAllRows(h), gemm(coefficients, directions))
  return { stream: cast(steered, stream.dtype), features }
}
