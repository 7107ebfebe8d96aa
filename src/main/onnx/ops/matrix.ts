// Products of matrices.
import { broadcast, type Dim, type Shape } from '../dims.ts'
import { emitOne, misfit, type Value } from '../graph.ts'
import { sumTo } from './reduce.ts'
import { reshape, rows, transpose } from './shape.ts'

/** The product over a's last and b's last but one axis; the axes before broadcast. */
export function matmul(a: Value, b: Value): Value {
  if (a.rank < 2 || b.rank < 2) throw misfit('matmul', [a, b], 'both must have at least two axes.')
  if (a.dtype !== b.dtype) throw misfit('matmul', [a, b], `${a.dtype} and ${b.dtype} do not mix; cast one.`)
  const [inner, other] = [a.shape.at(-1), b.shape.at(-2)]
  if (inner !== other) throw misfit('matmul', [a, b], `the inner dimensions differ, ${inner} and ${other}.`)
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
  if (!batch) throw misfit('matmul', [a, b], 'the axes before the last two do not broadcast.')
  return emitOne({
    op: 'MatMul',
    inputs: [a, b],
    dtype: a.dtype,
    shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!],
    gradient: ([dy]) => {
      if (!dy) return []
      if (b.rank > 2) {
        return [sumTo(matmul(dy, swapped(b)), a.shape), sumTo(matmul(swapped(a), dy), b.shape)]
      }
      const da = a.rank === 2 ? gemm(dy, b, { transposeB: true }) : matmul(dy, transpose(b))
      return [da, gemm(rows(a), rows(dy), { transposeA: true })]
    },
  })
}

function swapped(x: Value): Value {
  const order = x.shape.map((_, axis) => axis)
  return transpose(x, [...order.slice(0, -2), x.rank - 1, x.rank - 2])
}

interface GemmOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** Multiplies the product. */
  readonly scale?: number
  /** Added to the product; broadcasts to it. */
  readonly plus?: Value
}

/** scale · A·B + plus for matrices, each transposed on request without a copy. */
export function gemm(a: Value, b: Value, options: GemmOptions = {}): Value {
  const { transposeA = false, transposeB = false, scale = 1, plus } = options
  const inputs = plus ? [a, b, plus] : [a, b]
  if (a.rank !== 2 || b.rank !== 2) throw misfit('gemm', inputs, 'both must be matrices.')
  if (inputs.some((input) => input.dtype !== a.dtype)) throw misfit('gemm', inputs, 'the types do not mix.')
  const [left, innerA] = (transposeA ? a.shape.toReversed() : a.shape) as [Dim, Dim]
  const [innerB, right] = (transposeB ? b.shape.toReversed() : b.shape) as [Dim, Dim]
  if (innerA !== innerB) {
    throw misfit('gemm', inputs, `the inner dimensions differ, ${innerA} and ${innerB}.`)
  }
  const shape: Shape = [left, right]
  if (plus && broadcast(plus.shape, shape)?.join() !== shape.join()) {
    throw misfit('gemm', inputs, `what is added does not broadcast to [${shape.join(', ')}].`)
  }
  return emitOne({
    op: 'Gemm',
    inputs,
    dtype: a.dtype,
    shape,
    attributes: {
      transA: transposeA ? 1 : 0,
      transB: transposeB ? 1 : 0,
      alpha: scale === 1 ? undefined : { float: scale },
    },
    gradient: ([dy]) => {
      if (!dy) return []
      const da = transposeA
        ? gemm(b, dy, { transposeA: transposeB, transposeB: true, scale })
        : gemm(dy, b, { transposeB: !transposeB, scale })
      const db = transposeB
        ? gemm(dy, a, { transposeA: true, transposeB: transposeA, scale })
        : gemm(a, dy, { transposeA: !transposeA, scale })
      return [da, db, plus && sumTo(dy, plus.shape)]
    },
  })
}

/** x·W + b on the last axis: x (…, I), W (I, O), or (O, I) when `transposed` as checkpoints keep it; b (O). */
export function linear(
  x: Value,
  weight: Value,
  { bias, transposed = false }: { bias?: Value | undefined; transposed?: boolean } = {},
): Value {
  const flat = gemm(rows(x), weight, { transposeB: transposed, ...(bias && { plus: bias }) })
  return reshape(flat, [...x.shape.slice(0, -1), flat.shape[1]!])
}
