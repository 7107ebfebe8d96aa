// What a numerics check is: a calculation, the numbers it is done on, and how far a device may be from the CPU.
import { tensor, type Tensor } from './tensor.ts'
import type { Graph, Value } from './graph.ts'

/** The types a check is done in; what is fed and compared is float32 all the same. */
export type CheckDtype = 'float32' | 'float16'

export interface CheckCase {
  /** Which of the check's cases, for a person: "33 tokens". */
  readonly label: string
  readonly feeds: Readonly<Record<string, Tensor>>
  /** How many leading rows of each batch entry mean something (outputs are (B, S, …)); all of them when absent. */
  readonly lengths?: readonly number[]
}

export interface Check {
  readonly id: string
  readonly title: string
  /** Builds the calculation in a graph; `narrow` brings what is fed to the type the check is done in. */
  build(graph: Graph, narrow: (value: Value) => Value): Readonly<Record<string, Value>>
  /** Builds what the CPU does instead, where that is something else. */
  readonly reference?: Check['build']
  cases(): readonly CheckCase[]
  /** Checked in float16 too. */
  readonly float16: boolean
}

/** Largest difference from the CPU that is put down to the order of additions, as a share of the largest number. */
export const tolerances: Readonly<Record<CheckDtype, number>> = { float32: 1e-4, float16: 1e-2 }

/** The same numbers between −scale and scale on every machine. */
export class Numbers {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  floats(shape: readonly number[], scale = 1): Tensor {
    const count = shape.reduce((a, b) => a * b, 1)
    return tensor(
      'float32',
      shape,
      Float32Array.from({ length: count }, () => this.#next() * scale),
    )
  }

  /** Whole numbers below `below`, each of them once. */
  order(below: number): number[] {
    return Array.from({ length: below }, (_, index) => ({ index, key: this.#next() }))
      .sort((a, b) => a.key - b.key)
      .map(({ index }) => index)
  }

  // Numerical Recipes' linear congruential generator; its upper bits are good enough for this
  #next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 31 - 1
  }
}
