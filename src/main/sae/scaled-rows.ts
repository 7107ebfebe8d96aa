// The rows that validate, scaled as those of training are, and no more of them than are wanted.
import type { RowSource } from '../activations/row-source.ts'
import { type Marks, markRows } from './marks.ts'
import type { ValidationRows } from './member.ts'

interface Scaled {
  readonly scale: number
  /** Batches. */
  readonly most: number
  readonly marks: Marks | undefined
}

export function scaled(
  loader: NonNullable<ReturnType<RowSource['validation']>>,
  { scale, most, marks }: Scaled,
): ValidationRows {
  async function* batches() {
    let handed = 0
    for await (const { count, activations, tokens } of loader.batches()) {
      yield {
        ...{ count, activations: activations.map((value) => value * scale) },
        marks: marks ? markRows(marks, tokens) : null,
      }
      if (++handed >= most) return
    }
  }
  return { batches: batches(), ledger: loader.ledger }
}
