// A graph under construction: its values, its operations, and the rules by which they are put together.
import { dim, type Shape } from './dims.ts'
import { type Dtype, dtypes, tensorData, type TensorData } from './dtype.ts'

/** A tensor that a run will hold: an input, weights, or what an operation makes. */
export class Value {
  readonly graph: Graph
  readonly dtype: Dtype
  readonly shape: Shape
  name: string
  /** The operation that makes it; inputs and weights have none. */
  node: Node | undefined

  constructor(graph: Graph, name: string, dtype: Dtype, shape: Shape) {
    this.graph = graph
    this.name = name
    this.dtype = dtype
    this.shape = shape.map(dim)
  }

  get rank(): number {
    return this.shape.length
  }

  toString(): string {
    return `${this.name}: ${this.dtype}[${this.shape.join(', ')}]`
  }
}

export type Attribute = number | string | readonly number[] | { readonly float: number }

/** Given the gradients of an operation's outputs (undefined: no part of the loss), those of what it differentiates. */
export type GradientRule = (outputs: readonly (Value | undefined)[]) => (Value | undefined)[]

export interface Node {
  readonly op: string
  readonly domain: '' | 'com.microsoft'
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: readonly Value[]
  readonly attributes: Readonly<Record<string, Attribute>>
  readonly bodies: Readonly<Record<string, Graph>>
  /** With respect to which values it can be differentiated (its inputs, unless a custom rule names others), and how. */
  readonly gradient: { readonly of: readonly Value[]; readonly rule: GradientRule } | undefined
}

/** Where weights lie in a file beside the model, in bytes. */
export interface DataLocation {
  readonly file: string
  readonly offset: number
  readonly length: number
}

export interface Weights {
  readonly value: Value
  readonly data: TensorData | DataLocation
}

/** What `emit` needs to know of one operation. */
interface Operation {
  readonly op: string
  readonly domain?: 'com.microsoft'
  readonly inputs: readonly (Value | undefined)[]
  readonly outputs: readonly { readonly dtype: Dtype; readonly shape: Shape }[]
  readonly attributes?: Readonly<Record<string, Attribute | undefined>>
  readonly bodies?: Readonly<Record<string, Graph>>
  readonly gradient?: GradientRule
  readonly gradientOf?: readonly Value[]
  /** Where the operation belongs; undefined: the innermost graph of its inputs. */
  readonly graph?: Graph
}

export class Graph {
  readonly name: string
  readonly parent: Graph | undefined
  readonly inputs: Value[] = []
  readonly outputs: Value[] = []
  readonly nodes: Node[] = []
  /** Held by the outermost graph alone; bodies read them from there. */
  readonly weights: Weights[] = []
  readonly #constants = new Map<string, Value>()
  readonly #names = new Set<string>()
  #count = 0

  constructor(name: string, parent?: Graph) {
    this.name = name
    this.parent = parent
  }

  /** The graph that is no body of another. */
  get root(): Graph {
    return this.parent?.root ?? this
  }

  get depth(): number {
    return this.parent ? this.parent.depth + 1 : 0
  }

  /** A tensor given with each run; its letters may be used in the shapes of what follows. */
  input(name: string, dtype: Dtype, shape: Shape): Value {
    const value = new Value(this, this.root.claim(name), dtype, shape)
    this.inputs.push(value)
    return value
  }

  /** Names a value that a run gives back. */
  output(name: string, value: Value): Value {
    if (this.outputs.includes(value) || !value.node || value.graph !== this) {
      // a graph's output needs a name of its own, made by an operation of that graph
      const [copy] = emit({ op: 'Identity', inputs: [value], outputs: [value], graph: this })
      return this.output(name, copy!)
    }
    value.name = this.root.claim(name)
    this.outputs.push(value)
    return value
  }

  /** Numbers that belong to the graph itself: given here, or left where they lie in a file. */
  constant(name: string, dtype: Dtype, shape: readonly number[], data: TensorData | DataLocation): Value {
    const count = shape.reduce((a, b) => a * b, 1)
    const bytes = count * dtypes[dtype].bytes
    const given = 'file' in data ? data.length : data.byteLength
    if (given !== bytes) {
      throw new Error(`${name}: ${dtype}[${shape.join(', ')}] takes ${bytes} bytes, and ${given} were given.`)
    }
    const value = new Value(this.root, this.root.claim(name), dtype, shape)
    this.root.weights.push({ value, data })
    return value
  }

  /** One number; the same number is held once. */
  scalar(dtype: Dtype, number: number): Value {
    return this.#shared(dtype, [], [number])
  }

  /** Whole numbers as a one-dimensional int64 tensor: axes, shapes, positions. */
  integers(numbers: readonly number[]): Value {
    return this.#shared('int64', [numbers.length], numbers)
  }

  #shared(dtype: Dtype, shape: readonly number[], numbers: readonly number[]): Value {
    const constants = this.root.#constants
    const key = `${dtype} ${shape.length} ${numbers.map((number) => (Object.is(number, -0) ? '-0' : number)).join(' ')}`
    let value = constants.get(key)
    if (!value) {
      value = this.constant(`const_${constants.size}`, dtype, shape, tensorData(dtype, numbers))
      constants.set(key, value)
    }
    return value
  }

  /** A name nothing else in the model has: the wanted one, or that with a number. */
  claim(wanted: string): string {
    let name = wanted
    while (this.#names.has(name)) name = `${wanted}_${++this.#count}`
    this.#names.add(name)
    return name
  }

  /** Where a letter's size can be read: the first input, here or in an enclosing graph, that has it as a whole axis. */
  letter(letter: string): { value: Value; axis: number } {
    for (const value of this.inputs) {
      const axis = value.shape.indexOf(letter)
      if (axis >= 0) return { value, axis }
    }
    if (this.parent) return this.parent.letter(letter)
    throw new Error(`No input of the graph "${this.root.name}" has the dimension ${letter}.`)
  }
}

/** Adds an operation and gives its outputs; shapes and types are the caller's to have checked. */
export function emit(operation: Operation): Value[] {
  const { op, inputs } = operation
  const graph = operation.graph ?? innermost(op, inputs)
  const attributes = Object.entries(operation.attributes ?? {}).filter(([, value]) => value !== undefined)
  const outputs = operation.outputs.map(
    ({ dtype, shape }) => new Value(graph, graph.root.claim(op.toLowerCase()), dtype, shape),
  )
  const of = operation.gradientOf ?? inputs.filter((input) => input !== undefined)
  const node: Node = {
    op,
    domain: operation.domain ?? '',
    inputs,
    outputs,
    attributes: Object.fromEntries(attributes) as Record<string, Attribute>,
    bodies: operation.bodies ?? {},
    gradient: operation.gradient && { of, rule: operation.gradient },
  }
  for (const output of outputs) output.node = node
  graph.nodes.push(node)
  return outputs
}

/** `emit` for operations with one output. */
export function emitOne(
  operation: Omit<Operation, 'outputs'> & { readonly dtype: Dtype; readonly shape: Shape },
): Value {
  return emit({ ...operation, outputs: [operation] })[0]!
}

/** Work on values of an enclosing graph alone is done there, once, and not in every turn of a loop. */
function innermost(op: string, inputs: readonly (Value | undefined)[]): Graph {
  const graphs = inputs.flatMap((input) => (input ? [input.graph] : []))
  const [first, ...rest] = graphs.sort((a, b) => b.depth - a.depth)
  if (!first) throw new Error(`${op}: an operation without inputs must be told which graph it belongs to.`)
  for (const other of rest) {
    let enclosing: Graph | undefined = first
    while (enclosing && enclosing !== other) enclosing = enclosing.parent
    if (!enclosing) {
      throw new Error(`${op}: its inputs belong to different graphs, "${first.name}" and "${other.name}".`)
    }
  }
  return first
}

/** Rejects a graph that cannot be right, saying what was put together. */
export function misfit(op: string, inputs: readonly Value[], why: string): Error {
  return new Error(`${op}(${inputs.map(String).join(', ')}): ${why}`)
}
