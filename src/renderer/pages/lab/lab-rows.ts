// The rows of a run of the prompt lab in an order, and prompts as they are typed.
// Letters: n features that fired.
import { type LabMeasure, type LabRun, type Relation, relations } from '../../../shared/prompt-lab.ts'

/** By the mean of a side, by the difference of two, by its effect size either way, or by the share of prompts. */
export const labColumns = [
  'a',
  'b',
  'difference',
  'effect',
  'shareA',
  'shareB',
  'relation',
  'feature',
] as const
export type LabColumn = (typeof labColumns)[number]

export interface LabOrder {
  readonly column: LabColumn
  readonly descending: boolean
}

/** The number of a row in a column; NaN for one there is not. */
export function labValue(run: LabRun, measure: LabMeasure, column: LabColumn, at: number): number {
  const { means, effect } = run.measures[measure]
  switch (column) {
    case 'a':
      return means[0]?.[at] ?? Number.NaN
    case 'b':
      return means[1]?.[at] ?? Number.NaN
    case 'difference':
      return (means[0]?.[at] ?? Number.NaN) - (means[1]?.[at] ?? Number.NaN)
    case 'effect':
      return effect?.[at] ?? Number.NaN
    case 'shareA':
      return run.shares[0]?.[at] ?? Number.NaN
    case 'shareB':
      return run.shares[1]?.[at] ?? Number.NaN
    case 'relation':
      return run.relation?.[at] ?? Number.NaN
    case 'feature':
      return run.features[at] ?? Number.NaN
  }
}

/** Places of the run's columns in the order, those without a number last; with `only`, those of that relation alone. */
export function labRows(
  run: LabRun,
  measure: LabMeasure,
  { column, descending }: LabOrder,
  only: Relation | null = null,
): Uint32Array {
  const all = Array.from(run.features, (_, at) => at)
  const rows = only === null ? all : all.filter((at) => relations[run.relation?.[at] ?? 0] === only)
  const values = Float64Array.from(run.features, (_, at) => labValue(run, measure, column, at))
  const sign = descending ? -1 : 1
  return Uint32Array.from(
    rows.sort((one, other) => {
      const [x, y] = [values[one]!, values[other]!]
      if (Number.isNaN(x) || Number.isNaN(y))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || one - other
      return sign * (x - y) || one - other
    }),
  )
}

/** A prompt a line; or, where one of the lines is "---", what is between such lines, so that a prompt can have several. */
export function typedPrompts(text: string): string[] {
  const lines = text.split('\n')
  const parts = lines.includes('---') ? `\n${text}\n`.split(/\n---(?=\n)/) : lines
  return parts.map((part) => part.replace(/^\n+|\n+$/g, '')).filter((part) => part.trim() !== '')
}

/** What `typedPrompts` reads. */
export function promptLines(prompts: readonly string[]): string {
  return prompts.some((prompt) => prompt.includes('\n'))
    ? `${prompts.join('\n---\n')}\n---`
    : prompts.join('\n')
}
