// Operations on each element, with numpy's broadcasting; plain numbers stand for scalars of the other operand's type.
import { broadcast, sameShape } from '../dims.ts'
import { type Dtype, dtypes } from '../dtype.ts'
import { emitOne, misfit, Value } from '../graph.ts'
import { sumTo } from './reduce.ts'

export type Operand = Value | number

/** The gradients of both operands, given that of the result; each is summed to its operand's shape afterwards. */
type BinaryRule = (dy: Value, a: Value, b: Value, y: Value) => [Value, Value]

function pair(op: string, a: Operand, b: Operand): [Value, Value] {
  if (a instanceof Value) return [a, b instanceof Value ? b : a.graph.scalar(a.dtype, b)]
  if (b instanceof Value) return [b.graph.scalar(b.dtype, a), b]
  throw new Error(`${op}(${a}, ${b}): one of the two must be a tensor.`)
}

/** What was expanded only to meet the other operand: broadcasting does that without writing it down. */
function unexpanded(x: Value, other: Value): Value {
  const source = x.node?.op === 'Expand' ? x.node.inputs[0] : undefined
  const shape = source && broadcast(source.shape, other.shape)
  return shape && sameShape(shape, broadcast(x.shape, other.shape) ?? []) ? source : x
}

function binary(op: string, left: Operand, right: Operand, rule?: BinaryRule, result?: Dtype): Value {
  const [a, b] = pair(op, left, right)
  if (a.dtype !== b.dtype) throw misfit(op, [a, b], `${a.dtype} and ${b.dtype} do not mix; cast one.`)
  const shape = broadcast(a.shape, b.shape)
  if (!shape) throw misfit(op, [a, b], 'the shapes do not broadcast.')
  const [small, large] = [unexpanded(a, b), unexpanded(b, a)]
  if (small !== a) return binary(op, small, b, rule, result)
  if (large !== b) return binary(op, a, large, rule, result)
  const y: Value = emitOne({
    op,
    inputs: [a, b],
    dtype: result ?? a.dtype,
    shape,
    gradient:
      rule &&
      (([dy]) => {
        if (!dy) return []
        const [da, db] = rule(dy, a, b, y)
        return [sumTo(da, a.shape), sumTo(db, b.shape)]
      }),
  })
  return y
}

export const add = (a: Operand, b: Operand): Value => binary('Add', a, b, (dy) => [dy, dy])
export const sub = (a: Operand, b: Operand): Value => binary('Sub', a, b, (dy) => [dy, neg(dy)])
export const mul = (a: Operand, b: Operand): Value =>
  binary('Mul', a, b, (dy, x, z) => [mul(dy, z), mul(dy, x)])
export const div = (a: Operand, b: Operand): Value =>
  binary('Div', a, b, (dy, _, z, y) => [div(dy, z), neg(div(mul(dy, y), z))])
/** The greater of the two; where they are equal the gradient goes to the first. */
export const max = (a: Operand, b: Operand): Value =>
  binary('Max', a, b, (dy, x, z) => share(dy, greaterOrEqual(x, z)))
/** The smaller of the two; where they are equal the gradient goes to the first. */
export const min = (a: Operand, b: Operand): Value =>
  binary('Min', a, b, (dy, x, z) => share(dy, greaterOrEqual(z, x)))

function share(dy: Value, first: Value): [Value, Value] {
  return [where(first, dy, 0), where(first, 0, dy)]
}

export const equal = (a: Operand, b: Operand): Value => binary('Equal', a, b, undefined, 'bool')
export const greater = (a: Operand, b: Operand): Value => binary('Greater', a, b, undefined, 'bool')
export const greaterOrEqual = (a: Operand, b: Operand): Value =>
  binary('GreaterOrEqual', a, b, undefined, 'bool')
export const less = (a: Operand, b: Operand): Value => binary('Less', a, b, undefined, 'bool')
export const and = (a: Value, b: Value): Value => binary('And', a, b)
export const or = (a: Value, b: Value): Value => binary('Or', a, b)

function unary(op: string, x: Value, rule?: (dy: Value, y: Value) => Value): Value {
  const y: Value = emitOne({
    op,
    inputs: [x],
    dtype: x.dtype,
    shape: x.shape,
    gradient: rule && (([dy]) => [dy && rule(dy, y)]),
  })
  return y
}

export const neg = (x: Value): Value => unary('Neg', x, (dy) => neg(dy))
/** |x|; at 0 its gradient is 0. */
export const abs = (x: Value): Value => unary('Abs', x, (dy) => mul(dy, sign(x)))
export const sqrt = (x: Value): Value => unary('Sqrt', x, (dy, y) => div(mul(dy, 0.5), y))
export const exp = (x: Value): Value => unary('Exp', x, (dy, y) => mul(dy, y))
export const log = (x: Value): Value => unary('Log', x, (dy) => div(dy, x))
export const square = (x: Value): Value => mul(x, x)
/** max(x, 0); at 0 its gradient is 0. */
export const relu = (x: Value): Value => unary('Relu', x, (dy, y) => mul(dy, isPositive(y)))
/** 1 where a number that is not negative is positive, 0 where it is 0, in one pass over memory. */
function isPositive(y: Value): Value {
  // Sign would say the same, and has no fast kernel; HardSigmoid has none for float64
  if (y.dtype === 'float64') return sign(y)
  const steep = y.dtype === 'float32' ? 3e38 : 6e4
  return emitOne({
    op: 'HardSigmoid',
    inputs: [y],
    dtype: y.dtype,
    shape: y.shape,
    attributes: { alpha: { float: steep }, beta: { float: 0 } },
  })
}

export const sigmoid = (x: Value): Value => unary('Sigmoid', x, (dy, y) => mul(dy, mul(y, sub(1, y))))
/** x · sigmoid(x), LLaMA's gate (Elfwing et al., 2018). */
export const silu = (x: Value): Value => mul(x, sigmoid(x))
export const sin = (x: Value): Value => unary('Sin', x, (dy) => mul(dy, cos(x)))
export const cos = (x: Value): Value => unary('Cos', x, (dy) => neg(mul(dy, sin(x))))
export const sign = (x: Value): Value => unary('Sign', x)
export const floor = (x: Value): Value => unary('Floor', x)
export const not = (x: Value): Value => unary('Not', x)

/** xⁿ for a constant n. */
export function power(x: Value, n: number): Value {
  if (n === 1) return x
  if (n === 2) return square(x)
  const y: Value = emitOne({
    op: 'Pow',
    inputs: [x, x.graph.scalar(x.dtype, n)],
    dtype: x.dtype,
    shape: x.shape,
    gradientOf: [x],
    gradient: ([dy]) => [dy && mul(dy, mul(power(x, n - 1), n))],
  })
  return y
}

/** `yes` where the condition (bool) holds, `no` elsewhere. */
export function where(condition: Value, yes: Operand, no: Operand): Value {
  const [a, b] = pair('Where', yes, no)
  if (condition.dtype !== 'bool') throw misfit('Where', [condition, a, b], 'the condition must be bool.')
  if (a.dtype !== b.dtype) throw misfit('Where', [condition, a, b], `${a.dtype} and ${b.dtype} do not mix.`)
  const values = broadcast(a.shape, b.shape)
  const shape = values && broadcast(condition.shape, values)
  if (!shape) throw misfit('Where', [condition, a, b], 'the shapes do not broadcast.')
  return emitOne({
    op: 'Where',
    inputs: [condition, a, b],
    dtype: a.dtype,
    shape,
    gradientOf: [a, b],
    gradient: ([dy]) =>
      dy ? [sumTo(where(condition, dy, 0), a.shape), sumTo(where(condition, 0, dy), b.shape)] : [],
  })
}

/** The same numbers as another type; a gradient is cast back, and none passes through whole numbers. */
export function cast(x: Value, dtype: Dtype): Value {
  if (dtype === x.dtype) return x
  const smooth = dtypes[dtype].floating && dtypes[x.dtype].floating
  return emitOne({
    op: 'Cast',
    inputs: [x],
    dtype,
    shape: x.shape,
    attributes: { to: dtypes[dtype].code },
    gradient: smooth ? ([dy]) => [dy && cast(dy, x.dtype)] : undefined,
  })
}

export const identity = (x: Value): Value => unary('Identity', x, (dy) => dy)
