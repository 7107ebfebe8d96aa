// Operations that run a part of the graph several times, or only sometimes.
import { type Dim, sameShape, type Shape } from '../dims.ts'
import { emit, Graph, misfit, type Value } from '../graph.ts'

interface Turn {
  /** The state after the turn, in the order it came. */
  readonly state: readonly Value[]
  /** What is kept of every turn, stacked along a new first axis. */
  readonly kept?: readonly Value[]
  /** bool; the loop ends early when it does not hold. */
  readonly goOn?: Value
}

interface LoopOptions {
  /** How often, as int64. */
  readonly times: Value
  /** The letter of the new first axis of what is kept. */
  readonly timesDim: Dim
  readonly state: readonly Value[]
  /** Shapes of the state inside the loop where they change from turn to turn, such as a cache that grows. */
  readonly shapes?: readonly (Shape | undefined)[]
  readonly body: (turn: Value, state: readonly Value[]) => Turn
}

/** Runs a step again and again, each time on the state the last one left. */
export function loop({ times, timesDim, state, shapes, body }: LoopOptions): {
  state: Value[]
  kept: Value[]
} {
  const outer = deepest([times, ...state])
  const inner = new Graph('loop', outer)
  const turn = inner.input('turn', 'int64', [])
  const before = inner.input('go_on', 'bool', [])
  const carried = state.map((value, index) =>
    inner.input(`${value.name}_in`, value.dtype, shapes?.[index] ?? value.shape),
  )
  const result = body(turn, carried)
  assertState('loop', carried, result.state, shapes)
  const kept = result.kept ?? []
  inner.output('go_on_out', result.goOn ?? before)
  const after = result.state.map((value, index) => inner.output(`${state[index]?.name}_out`, value))
  const scanned = kept.map((value) => inner.output(`${value.name}_kept`, value))
  const outputs = emit({
    op: 'Loop',
    inputs: [times, undefined, ...state],
    outputs: [
      ...after.map(({ dtype, shape }) => ({ dtype, shape })),
      ...scanned.map(({ dtype, shape }) => ({ dtype, shape: [timesDim, ...shape] })),
    ],
    bodies: { body: inner },
    graph: outer,
  })
  return { state: outputs.slice(0, state.length), kept: outputs.slice(state.length) }
}

interface ScanOptions {
  /** Tensors walked together along their first axes, which are equal. */
  readonly over: readonly Value[]
  /** What the body reads as a whole, where it may belong to a graph further in than these. */
  readonly reads?: readonly Value[]
  /** What one slice of each becomes. */
  readonly body: (slices: readonly Value[]) => readonly Value[]
}

/** Applies a function to each slice along the first axis, and stacks what comes out. */
export function scan({ over, reads = [], body }: ScanOptions): Value[] {
  const length = over[0]?.shape[0]
  if (length === undefined || over.some((value) => value.shape[0] !== length)) {
    throw misfit('scan', over, 'the first axes differ.')
  }
  const outer = deepest([...over, ...reads])
  const inner = new Graph('scan', outer)
  const slices = over.map((value) => inner.input(`${value.name}_slice`, value.dtype, value.shape.slice(1)))
  const results = body(slices).map((value) => inner.output(`${value.name}_slice_out`, value))
  return emit({
    op: 'Scan',
    inputs: over,
    outputs: results.map(({ dtype, shape }) => ({ dtype, shape: [length, ...shape] })),
    attributes: { num_scan_inputs: over.length },
    bodies: { body: inner },
    graph: outer,
  })
}

/** The results of one of two branches; only that branch runs. Each branch gets the graph it is built in. */
export function branch(
  condition: Value,
  yes: (graph: Graph) => readonly Value[],
  no: (graph: Graph) => readonly Value[],
): Value[] {
  const build = (name: string, make: (graph: Graph) => readonly Value[]) => {
    const inner = new Graph(name, condition.graph)
    return { inner, values: make(inner).map((value) => inner.output(`${value.name}_${name}`, value)) }
  }
  const [left, right] = [build('then', yes), build('else', no)]
  assertState('branch', left.values, right.values)
  return emit({
    op: 'If',
    inputs: [condition],
    outputs: left.values.map(({ dtype, shape }) => ({ dtype, shape })),
    bodies: { then_branch: left.inner, else_branch: right.inner },
    graph: condition.graph,
  })
}

function deepest(values: readonly Value[]): Graph {
  const [first] = values.toSorted((a, b) => b.graph.depth - a.graph.depth)
  if (!first) throw new Error('A loop needs something to work on.')
  return first.graph
}

function assertState(
  op: string,
  before: readonly Value[],
  after: readonly Value[],
  shapes?: readonly (Shape | undefined)[],
): void {
  if (before.length !== after.length) throw misfit(op, after, `${before.length} values were expected.`)
  for (const [index, value] of before.entries()) {
    const next = after[index]!
    if (next.dtype !== value.dtype || (!shapes?.[index] && !sameShape(next.shape, value.shape))) {
      throw misfit(op, [value, next], 'the second must have the type and shape of the first.')
    }
  }
}
