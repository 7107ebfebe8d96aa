// Reverse-mode differentiation: adds to a graph the operations that compute a loss's gradients.
import { sameShape } from './dims.ts'
import type { Value } from './graph.ts'
import { emitOne, type GradientRule, type Node } from './graph.ts'
import { add } from './ops/elementwise.ts'

/**
 * The gradients of a loss (a single number) with respect to each of `of`, in the same order and shapes (Linnainmaa,
 * 1970; what deep learning calls backpropagation). Throws when an operation on the way has no gradient, or when the
 * loss does not depend on one of them.
 */
export function gradient(loss: Value, of: readonly Value[]): Value[] {
  if (loss.rank !== 0) throw new Error(`The loss must be a single number, and is ${loss}.`)
  const path = nodesBetween(of, loss)
  const gradients = new Map<Value, Value>([[loss, loss.graph.scalar(loss.dtype, 1)]])
  for (const node of path.reverse()) {
    const outputs = node.outputs.map((output) => gradients.get(output))
    if (outputs.every((one) => one === undefined)) continue
    if (!node.gradient) {
      throw new Error(
        `${node.op} is not differentiable, and the loss depends on ${of.map((value) => value.name).join(', ')} ` +
          `through ${node.outputs.map(String).join(', ')}. Use stopGradient, or withGradient with a rule.`,
      )
    }
    const found = node.gradient.rule(outputs)
    for (const [index, target] of node.gradient.of.entries()) {
      const part = found[index]
      if (!part) continue
      if (part.dtype !== target.dtype || !sameShape(part.shape, target.shape)) {
        throw new Error(`The gradient rule of ${node.op} gave ${part} for ${target}.`)
      }
      const earlier = gradients.get(target)
      gradients.set(target, earlier ? add(earlier, part) : part)
    }
  }
  return of.map((value) => {
    const result = gradients.get(value)
    if (!result) throw new Error(`${loss} does not depend on ${value}.`)
    return result
  })
}

/** The operations on a way from one of `from` to `to`, each after those it depends on. */
function nodesBetween(from: readonly Value[], to: Value): Node[] {
  const sources = new Set(from)
  const seen = new Map<Node, boolean>()
  const order: Node[] = []
  const reaches = (value: Value): boolean => {
    const { node } = value
    if (sources.has(value) || !node) return sources.has(value)
    return visit(node)
  }
  const visit = (node: Node): boolean => {
    const known = seen.get(node)
    if (known !== undefined) return known
    const inputs = node.gradient?.of ?? node.inputs
    // every input is visited: `some` would stop at the first
    const found = inputs.filter((input) => input && reaches(input)).length > 0
    seen.set(node, found)
    if (found) order.push(node)
    return found
  }
  reaches(to)
  return order
}

/** The same values, through which no gradient passes. */
export function stopGradient(x: Value): Value {
  return emitOne({
    op: 'Identity',
    inputs: [x],
    dtype: x.dtype,
    shape: x.shape,
    gradientOf: [],
    gradient: () => [],
  })
}

/**
 * A value with a gradient rule of its own, for straight-through estimators and sparse backward passes: `rule` gets the
 * gradient of `value` and gives those with respect to `of`; how `value` was computed does not matter.
 */
export function withGradient(
  value: Value,
  of: readonly Value[],
  rule: (dy: Value) => (Value | undefined)[],
): Value {
  const custom: GradientRule = ([dy]) => (dy ? rule(dy) : [])
  return emitOne({
    op: 'Identity',
    inputs: [value],
    dtype: value.dtype,
    shape: value.shape,
    gradientOf: of,
    gradient: custom,
  })
}
