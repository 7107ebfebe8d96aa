// Where a shard is, and in which of them a row of the harvest lies.

/** A shard and which rows of its harvest it holds. */
export interface ShardPlace {
  readonly path: string
  readonly firstRow: number
  readonly rows: number
}

/** The shard that holds the row of the harvest; throws `RangeError` where none does. */
export function homeOf<P extends Omit<ShardPlace, 'path'>>(shards: readonly P[], row: number): P {
  const home = shards.find(({ firstRow, rows }) => row >= firstRow && row < firstRow + rows)
  if (!home) throw new RangeError(`Row ${row} is in none of the shards.`)
  return home
}
