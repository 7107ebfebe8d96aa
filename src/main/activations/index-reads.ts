// What is asked of a harvest in a thread of its own, because it can take longer than 20 ms.
import { Reader } from '../store/reader.ts'
import type { HarvestIndex } from './index-store.ts'
import type { SearchQuery } from './search.ts'
import { nearestRows, type ShardPlace } from './shard-nearest.ts'

export const indexReads = {
  search: (index: HarvestIndex, query: SearchQuery) => index.search(query),
  counts: (index: HarvestIndex) => index.counts(),
  nearest: (_index: HarvestIndex, shards: readonly ShardPlace[], row: number, count: number) =>
    nearestRows(shards, row, count),
}

/** Reads the harvest whose index is at `path` (index.sqlite). */
export function harvestReader(path: string): Reader<typeof indexReads> {
  return new Reader(path, 'activations/index-worker')
}
