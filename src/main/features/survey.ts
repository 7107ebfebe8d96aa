// What all codes of an index add up to, and where each of its contexts lies: one pass over them.
// Letters: F features, G groups of documents, V tokens of the vocabulary.
import { join } from 'node:path'
import { positionGroup } from '../../shared/norm-bins.ts'
import type { Column } from '../store/arrow-columns.ts'
import { ArrowWriter } from '../store/arrow-writer.ts'
import { allPieces, contextStarts, rowKinds } from './codes.ts'
import { CONTEXTS } from './index-folder.ts'

/** Rows are those that count, unless it says otherwise. */
export interface Survey {
  readonly rows: number
  readonly special: number
  readonly sinks: number
  readonly contexts: number
  /** Codes of rows that count. */
  readonly codes: number
  /** (G) */
  readonly rowsByGroup: Uint32Array
  readonly contextsByGroup: Uint32Array
  readonly rowsByPosition: readonly number[]
  /** (V): rows of each token. */
  readonly rowsByToken: Uint32Array
  /** (F): rows in which it fires. */
  readonly firings: Uint32Array
  /** (F): special tokens and attention sinks at which it fires. */
  readonly apart: Uint32Array
}

const contextColumns: readonly Column[] = [
  ...(['context', 'shard', 'row', 'tokens', 'first', 'codes'] as const).map((name) => ({
    name,
    type: 'uint32' as const,
  })),
  // of its first row that counts
  { name: 'group', type: 'uint16' },
]
type ContextColumn = 'context' | 'shard' | 'row' | 'tokens' | 'first' | 'codes'
/** Columns of where contexts lie, ascending by context. */
export type ContextPlaces = Readonly<Record<ContextColumn, Uint32Array>> & { readonly group: Uint16Array }

interface SurveyOptions {
  readonly folder: string
  readonly shards: number
  readonly F: number
  readonly groups: number
  /** Told the shards that are done; throws to end it. */
  onShard(done: number): Promise<void>
}

/** Throws `disk/…`, `arrow/damaged`. */
export async function survey({ folder, shards, F, groups, onShard }: SurveyOptions): Promise<Survey> {
  const rowsByGroup = new Uint32Array(groups)
  const contextsByGroup = new Uint32Array(groups)
  const rowsByPosition: number[] = []
  let rowsByToken = new Uint32Array(4096)
  const firings = new Uint32Array(F)
  const apart = new Uint32Array(F)
  const places = new Places()
  let [rows, special, sinks, codes] = [0, 0, 0, 0]
  for await (const piece of allPieces(folder, shards, onShard)) {
    const { kind, group, position, token, starts, features } = piece
    for (let row = 0; row < kind.length; row++) {
      const counts = kind[row] === rowKinds.counted
      const into = counts ? firings : apart
      for (let at = starts[row]!; at < starts[row + 1]!; at++) into[features[at]!]!++
      if (kind[row] === rowKinds.special) special++
      if (kind[row] === rowKinds.sink) sinks++
      if (!counts) continue
      rows++
      codes += starts[row + 1]! - starts[row]!
      rowsByGroup[group[row]!]!++
      const place = positionGroup(position[row]!)
      rowsByPosition[place] = (rowsByPosition[place] ?? 0) + 1
      const id = token[row]!
      if (id >= rowsByToken.length) rowsByToken = grown(rowsByToken, id + 1)
      rowsByToken[id]!++
    }
    const begins = contextStarts(piece)
    for (let index = 0; index + 1 < begins.length; index++) {
      const [from, to] = [begins[index]!, begins[index + 1]!]
      let first = from
      while (first + 1 < to && kind[first] !== rowKinds.counted) first++
      const its = group[first]!
      contextsByGroup[its]!++
      places.add([
        ...[piece.context[from]!, piece.shard, piece.firstRow + from, to - from],
        ...[piece.firstCode + starts[from]!, starts[to]! - starts[from]!, its],
      ])
    }
  }
  await places.write(folder)
  return {
    ...{ rows, special, sinks, contexts: places.length, codes, rowsByGroup, contextsByGroup },
    ...{
      rowsByPosition: Array.from(rowsByPosition, (count: number | undefined) => count ?? 0),
      rowsByToken,
      firings,
      apart,
    },
  }
}

function grown(counts: Uint32Array, least: number): Uint32Array<ArrayBuffer> {
  const more = new Uint32Array(Math.max(least, 2 * counts.length))
  more.set(counts)
  return more
}

/** Where contexts lie, each as `contextColumns` say. */
export class Places {
  #columns = contextColumns.map(() => new Uint32Array(1_024))
  length = 0

  add(place: readonly number[]): void {
    if (this.length === this.#columns[0]!.length) {
      this.#columns = this.#columns.map((column) => grown(column, 2 * column.length))
    }
    for (const [at, column] of this.#columns.entries()) column[this.length] = place[at]!
    this.length++
  }

  /** Writes them, ascending by context. Throws `disk/…`. */
  async write(folder: string): Promise<void> {
    const context = this.#columns[0]!
    const order = Uint32Array.from({ length: this.length }, (_, at) => at)
    order.sort((a, b) => context[a]! - context[b]!)
    const writer = await ArrowWriter.create(join(folder, CONTEXTS), contextColumns, {})
    if (this.length > 0) {
      const values = contextColumns.map(({ name, type }, column) => {
        const sorted = order.map((at) => this.#columns[column]![at]!)
        return [name, type === 'uint16' ? new Uint16Array(sorted) : sorted] as const
      })
      await writer.write(this.length, Object.fromEntries(values))
    }
    await writer.commit()
  }
}
