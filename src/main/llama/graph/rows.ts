// Rows that begin alike and are continued in several ways: R of them arrive, and B go on, where R is B, or 1.
import type { Value } from '../../onnx/graph.ts'
import { repeat, reshape } from '../../onnx/ops/shape.ts'

/** (R·T, D) as (B·T, D), and (B·T, D) as it is. */
export function inAllRows(x: Value): Value {
  const [flat, width] = x.shape as [string, number | string]
  if (flat === 'B*T') return x
  return reshape(repeat(reshape(x, ['R', 'T', width]), 0, 'B'), ['B*T', width])
}
