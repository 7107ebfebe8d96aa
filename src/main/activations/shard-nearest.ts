// The rows whose activations point the same way as one's, among a sample of a harvest.
import { homeOf, type ShardPlace } from './shard-place.ts'
import { withShard } from './shard-reader.ts'

export interface NearRow {
  /** Of the harvest. */
  readonly row: number
  readonly cosine: number
  readonly context: number
  readonly position: number
  readonly token: number
}

export interface Neighbours {
  /** Length of the row's activation. */
  readonly norm: number
  /** The nearest first, without the row itself; equal ones in the order of the corpus. */
  readonly nearest: readonly NearRow[]
  /** Rows it was compared with. */
  readonly compared: number
}

const MAX_COMPARED = 200_000
/** Bytes of float16 read for one question, so that wide models are answered in about a second as well. */
const MAX_BYTES = 2 ** 28
/** Rows that follow each other in the sample: many small reads are slow, few large ones see little. */
const RUN = 64

/** `row` is of the harvest that `shards` make up, in order. Throws `disk/…`, `arrow/damaged` and the like. */
export async function nearestRows(
  shards: readonly ShardPlace[],
  row: number,
  count: number,
): Promise<Neighbours> {
  const home = homeOf(shards, row)
  const query = await withShard(home.path, (shard) => shard.activations(row - home.firstRow, 1))
  const norm = lengthOf(query)
  const total = shards.reduce((sum, { rows }) => sum + rows, 0)
  const most = Math.min(MAX_COMPARED, Math.floor(MAX_BYTES / (2 * query.length)))
  const share = Math.min(1, most / total)
  const best = new Best(count)
  let compared = 0
  for (const place of shards) {
    await withShard(place.path, async (shard) => {
      for (const [first, length] of runs(place.rows, share)) {
        const rows = await shard.read(first, length)
        for (let index = 0; index < length; index++) {
          const other = place.firstRow + first + index
          if (other === row) continue
          compared++
          const cosine = cosineOf(query, norm, rows.activations, index * query.length)
          if (!best.takes(cosine)) continue
          const [context, position, token] = [rows.context[index]!, rows.position[index]!, rows.token[index]!]
          best.add({ row: other, cosine, context, position, token })
        }
      }
    })
  }
  return { norm, nearest: best.sorted(), compared }
}

/** Runs of rows, evenly spread, that are `share` of `rows` together: [first, length]. */
function* runs(rows: number, share: number): Generator<[number, number]> {
  const count = share === 1 ? Math.ceil(rows / RUN) : Math.max(1, Math.floor((rows * share) / RUN))
  for (let run = 0; run < count; run++) {
    const [first, next] = [Math.floor((run * rows) / count), Math.floor(((run + 1) * rows) / count)]
    yield [first, Math.min(share === 1 ? next - first : RUN, next - first)]
  }
}

function lengthOf(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
}

/** 0 where either has no length. */
function cosineOf(query: Float32Array, norm: number, values: Float32Array, start: number): number {
  let [dot, squares] = [0, 0]
  for (let index = 0; index < query.length; index++) {
    const value = values[start + index]!
    dot += query[index]! * value
    squares += value * value
  }
  return norm === 0 || squares === 0 ? 0 : dot / (norm * Math.sqrt(squares))
}

/** The best few of many. */
class Best {
  readonly #count: number
  #rows: NearRow[] = []
  #least = -Infinity

  constructor(count: number) {
    this.#count = count
  }

  takes(cosine: number): boolean {
    return cosine > this.#least
  }

  add(row: NearRow): void {
    this.#rows.push(row)
    // sorted now and then, so that each row costs little
    if (this.#rows.length < 2 * this.#count) return
    this.#rows = this.sorted() as NearRow[]
    this.#least = this.#rows.at(-1)?.cosine ?? Infinity
  }

  sorted(): readonly NearRow[] {
    return this.#rows.toSorted((a, b) => b.cosine - a.cosine || a.row - b.row).slice(0, this.#count)
  }
}
