// Full-text search over the contexts of a harvest: the best of all that match, or of a sample when those are many.
import type { ReadDb } from '../store/database.ts'
import type { IndexedContext } from './index-records.ts'
import { planSearch, type SearchPlan } from './search-plan.ts'
import { parseSearch } from './search-query.ts'
import { type Ranked, rankByIndex, rankByText } from './search-rank.ts'
import { allMatches, countMatches, MAX_SAMPLE, spread, spreadMatches } from './search-sample.ts'
import { foldText, occurrences, type TextRange } from './search-text.ts'

export interface SearchQuery {
  /** As it was typed; see `parseSearch`. */
  readonly text: string
  /** Hits wanted, at most 1,000. */
  readonly limit: number
}

export interface SearchHit extends IndexedContext {
  /** BM25; higher is better. */
  readonly score: number
  /** Where what was searched for is in the text, in order. */
  readonly ranges: readonly TextRange[]
}

export interface SearchResult {
  /** The best first; equal ones in the order of the corpus. */
  readonly hits: readonly SearchHit[]
  /** Contexts that match. */
  readonly matches: number
  /** Whether `matches` was counted; else it is estimated from the sample. */
  readonly counted: boolean
  /** The hits are the best of so many contexts that match. */
  readonly ranked: number
  /** Whether there are more that match, a sample of which was ranked. */
  readonly sampled: boolean
}

/** Up to so many matches all are ranked. */
const MAX_RANKED = 10_000
/** Contexts that the index itself weighs: it goes through all that have a term, for each term. */
const MAX_WEIGHED = 20_000
/** Contexts gone through to learn how many match a query of several terms. */
const MAX_COUNTED = 30_000
const MAX_HITS = 1_000

/** Throws `search/too-long`, `search/only-without`; text that means nothing finds nothing. */
export function searchContexts(db: ReadDb, query: SearchQuery): SearchResult {
  const expression = parseSearch(query.text)
  if (!expression) return nothing
  const plan = planSearch(db, expression)
  if (plan.match === null) return nothing
  const { best, matches, counted, ranked } = find(db, plan, Math.min(query.limit, MAX_HITS))
  const context = db.prepare<[number], IndexedContext>(
    'SELECT id, first_row AS firstRow, tokens, text FROM context WHERE id = ?',
  )
  return {
    hits: best.map(({ id, score }) => {
      const found = context.get(id)!
      return { ...found, score, ranges: rangesOf(found.text, plan) }
    }),
    ...{ matches, ranked },
    counted: counted && !plan.partial,
    sampled: plan.partial || ranked < matches,
  }
}

const nothing: SearchResult = { hits: [], matches: 0, counted: true, ranked: 0, sampled: false }

interface Found {
  readonly best: readonly Ranked[]
  readonly matches: number
  readonly counted: boolean
  readonly ranked: number
}

function find(db: ReadDb, plan: SearchPlan, limit: number): Found {
  if (plan.weight <= MAX_WEIGHED) {
    const matches = countMatches(db, plan)
    if (matches <= MAX_RANKED) {
      return { best: rankByIndex(db, plan, limit), matches, counted: true, ranked: matches }
    }
  }
  const all = plan.bound <= MAX_COUNTED ? allMatches(db, plan, MAX_RANKED) : undefined
  const { ids, matches, counted } = all ?? spreadMatches(db, plan)
  const sample = spread(ids, MAX_SAMPLE)
  return { best: rankByText(db, plan, sample).slice(0, limit), matches, counted, ranked: sample.length }
}

function rangesOf(text: string, plan: SearchPlan): TextRange[] {
  const folded = foldText(text)
  return plan.terms
    .flatMap(({ term }) => occurrences(folded, term))
    .sort(([start, end], [otherStart, otherEnd]) => start - otherStart || end - otherEnd)
}
