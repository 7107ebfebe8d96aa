// A step that is run again and again on its own state, such as a step of training, and what it is called with.
import type { Dtype } from './dtype.ts'
import type { Value } from './graph.ts'
import type { Tensor } from './tensor.ts'

export interface TensorType {
  readonly dtype: Dtype
  readonly shape: readonly number[]
}

/** What a step reads and leaves; S names its state, X what it gets new each time, M what it tells. */
export interface Step<S extends string, X extends string, M extends string> {
  readonly state: Readonly<Record<S, TensorType>>
  /** Of a single step. */
  readonly batch: Readonly<Record<X, TensorType>>
  readonly metrics: readonly M[]
  /** Adds the step to a graph; the new state has the types and shapes of the old. */
  readonly build: (
    state: Readonly<Record<S, Value>>,
    batch: Readonly<Record<X, Value>>,
  ) => { readonly state: Readonly<Record<S, Value>>; readonly metrics: Readonly<Record<M, Value>> }
}

export type Tensors<Names extends string> = Readonly<Record<Names, Tensor>>

/** A step ready to run, with its state. */
export interface Stepper<S extends string, X extends string, M extends string> {
  /**
   * One step for each slice along the first axis of the batches (K, …); gives the metrics of each (K, …). When it
   * rejects, `state` is that of the last step that succeeded, or the one before the run.
   */
  run(batches: Tensors<X>): Promise<Tensors<M>>
  /** The state as it is now; one that lives on a GPU is copied. */
  state(): Promise<Tensors<S>>
  close(): Promise<void>
}

export function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[]
}

/** A record made of a list of names. */
export function recordOf<Name extends string, V>(
  names: readonly Name[],
  make: (name: Name) => V,
): Record<Name, V> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, V>
}

/** How many steps the batches are for; throws when they do not agree or do not fit the step. */
export function stepCount<X extends string>(
  types: Readonly<Record<X, TensorType>>,
  batches: Tensors<X>,
): number {
  const counts = namesOf(types).map((name) => {
    const [{ dtype, shape }, given] = [types[name], batches[name]]
    if (given.dtype !== dtype || given.shape.slice(1).join() !== shape.join()) {
      throw new Error(
        `The batches "${name}" are ${given.dtype}[${given.shape.join(', ')}], not ${dtype}[K, ${shape.join(', ')}].`,
      )
    }
    return given.shape[0]!
  })
  if (new Set(counts).size !== 1) throw new Error(`The batches are for ${counts.join(', ')} steps.`)
  return counts[0]!
}

/** What the new state and the metrics are called among a graph's outputs. */
export const next = (name: string): string => `${name}_next`
export const metric = (name: string): string => `${name}_metric`
