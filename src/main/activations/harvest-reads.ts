// What is asked of a harvest in a thread of its own, because it can take longer than 20 ms.
import { Reader } from '../store/reader.ts'
import { contextView, type ViewSource } from './context-view.ts'
import { hitsOf } from './hits.ts'
import type { HarvestIndex } from './harvest-index.ts'
import { rowView } from './row-view.ts'
import type { SearchQuery } from './search.ts'

export const indexReads = {
  search: (index: HarvestIndex, query: SearchQuery) => index.search(query),
  hits: (index: HarvestIndex, query: SearchQuery) => hitsOf(index, query),
  counts: (index: HarvestIndex) => index.counts(),
  context: (index: HarvestIndex, source: ViewSource, id: number) => contextView(index, source, id),
  row: (index: HarvestIndex, source: ViewSource, row: number, count: number) =>
    rowView(index, source, row, count),
}

/** Reads the harvest whose index is at `path` (index.sqlite). */
export function harvestReader(path: string): Reader<typeof indexReads> {
  return new Reader(path, 'activations/harvest-worker')
}
