// A report as JSON: every number there is, an element of "contents" after the other.
import type { Piece } from './piece.ts'
import type { ReportWriter } from './writer.ts'

export function jsonWriter(): ReportWriter {
  let pieces = 0
  return {
    begin: ({ title, at, notes }) =>
      `{"kind":"monoscope-report","format":1,"title":${text(title)},"at":${text(new Date(at).toISOString())},"notes":${text(notes)},"contents":[`,
    piece: (piece) => `${pieces++ > 0 ? ',' : ''}\n${JSON.stringify(plain(piece), numbers)}`,
    end: (sources) => `\n],"sources":${JSON.stringify(sources)}}\n`,
  }
}

function text(value: string): string {
  return JSON.stringify(value)
}

function plain(piece: Piece): unknown {
  return piece.kind === 'lab' ? { ...piece, labels: Object.fromEntries(piece.labels) } : piece
}

/** Columns of numbers are lists; what is no number is null. */
function numbers(_name: string, value: unknown): unknown {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return value
  const list = Array.from(value as unknown as ArrayLike<number>)
  // float32 has seven digits, the others of a number would be noise
  return value instanceof Float32Array ? list.map((one) => Number(one.toPrecision(7))) : list
}
