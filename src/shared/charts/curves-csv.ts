// The curves of training as a table that other programs read.
import type { TrainingCurves } from '../saes.ts'

/** The points of all curves as text: a line each, with the run's id. */
export function curvesCsv(runs: readonly { readonly id: string; readonly curves: TrainingCurves }[]): string {
  const lines = runs.flatMap(({ id, curves }) =>
    Object.entries(curves.series).flatMap(([name, { step, value }]) =>
      Array.from(step, (at, place) => `${cell(id)},${name},${at},${value[place]}`),
    ),
  )
  return ['run,series,step,value', ...lines].join('\n')
}

/** Text as a cell of a table, whatever is in it. */
function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
