// A report as CSV: a row for each of its features, trainings, rows of the lab and completions.
import { csv } from './escape.ts'
import { columns, rowsOf } from './rows.ts'
import type { ReportWriter } from './writer.ts'

export const csvWriter: ReportWriter = {
  begin: () => line(columns),
  piece: (piece) =>
    rowsOf(piece)
      .map((cells) => line(columns.map((name) => cells[name] ?? null)))
      .join(''),
  end: () => '',
}

function line(cells: readonly (string | number | null)[]): string {
  return `${cells.map(csv).join(',')}\r\n`
}
