// A part of a loss that is computed only in steps in which it counts.
import { gradient, withGradient } from './gradient.ts'
import { emit, type Graph, type Value } from './graph.ts'
import { mul } from './ops/elementwise.ts'
import { branch } from './ops/control.ts'
import { zeros } from './ops/shape.ts'

/**
 * What `build` makes of the values `of` where the condition (bool) holds, 0 elsewhere, with its gradients with respect
 * to them; other values it uses are constants to it. Nothing of it is computed where the condition does not hold.
 */
export function lossWhere(
  condition: Value,
  of: readonly Value[],
  build: (of: readonly Value[]) => Value,
): Value {
  const [innermost] = [condition, ...of].map(({ graph }) => graph).sort((a, b) => b.depth - a.depth)
  const [loss, ...gradients] = branch(
    // the branches can read what the graph of their condition can
    within(innermost!, condition),
    (graph) => {
      // copies that belong to the branch: what is built on them is, too, instead of being done before it
      const inside = of.map((value) => within(graph, value))
      const made = build(inside)
      return [made, ...gradient(made, inside)]
    },
    (graph) => [
      within(graph, graph.scalar('float32', 0)),
      ...of.map((value) => zeros(graph, value.dtype, value.shape)),
    ],
  )
  return withGradient(loss!, of, (dy) => gradients.map((part) => mul(part, dy)))
}

/** A copy that belongs to the graph, a branch of one that has the value: what is built on it does, too. */
export function within(graph: Graph, value: Value): Value {
  return emit({ op: 'Identity', inputs: [value], outputs: [value], graph })[0]!
}
