// A report as Parquet: the rows of the CSV with their types, in groups, so that few of them are held.
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { type Cells, columns, numeric, rowsOf } from './rows.ts'
import type { ReportWriter } from './writer.ts'

/** Rows of a group. */
const GROUP = 1_000

const typeOf = (name: string) => (numeric.includes(name) ? ('DOUBLE' as const) : ('STRING' as const))

export function parquetWriter(): ReportWriter {
  const bytes = new ByteWriter()
  const schema = schemaFromColumnData({
    columnData: columns.map((name) => ({ name, data: [], type: typeOf(name), nullable: true })),
  })
  const writer = new ParquetWriter({ writer: bytes, schema })
  let waiting: Cells[] = []
  /** What was written since the last time. */
  const taken = () => {
    const piece = bytes.getBytes().slice()
    bytes.index = 0
    return piece
  }
  const flush = () => {
    if (waiting.length > 0) {
      void writer.write({
        columnData: columns.map((name) => ({
          ...{ name, type: typeOf(name), nullable: true },
          data: waiting.map((cells) => cells[name] ?? null),
        })),
      })
    }
    waiting = []
    return taken()
  }
  return {
    begin: taken,
    piece(piece) {
      waiting.push(...rowsOf(piece))
      return waiting.length < GROUP ? '' : flush()
    },
    end({ program }) {
      writer.createdBy = program
      const rows = flush()
      void writer.finish()
      return Buffer.concat([rows, taken()])
    },
  }
}
