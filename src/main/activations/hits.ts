// What a search found, as a list shows it: of each context the part around the first match, not all of its text.
import type { Hit, Hits } from '../../shared/harvests.ts'
import { excerptAround } from './excerpt.ts'
import type { HarvestIndex } from './harvest-index.ts'
import type { SearchHit, SearchQuery } from './search.ts'

/** Places told of one context. */
const MOST_RANGES = 500

/** Throws `search/too-long`, `search/only-without`, `disk/…`. */
export function hitsOf(index: HarvestIndex, query: SearchQuery): Hits {
  const { hits, matches, counted, ranked, sampled } = index.search(query)
  return { hits: hits.map(hitOf), matches, counted, ranked, sampled }
}

export function hitOf({ id, firstRow, tokens, text, score, ranges }: SearchHit): Hit {
  const [start, end] = ranges[0] ?? [0, 0]
  const excerpt = excerptAround(text, start, end)
  return {
    ...{ context: id, firstRow, tokens, score },
    excerpt: text.slice(excerpt.start, excerpt.end),
    from: excerpt.start,
    cut: { before: excerpt.start > 0, after: excerpt.end < text.length },
    ranges: ranges.slice(0, MOST_RANGES).map(([from, to]): [number, number] => [from, to]),
  }
}
