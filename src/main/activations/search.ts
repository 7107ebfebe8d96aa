// Full-text search over the contexts of a harvest: the best of all that match, or of a sample when those are many.
import type { ReadDb } from '../store/database.ts'
import { foldText } from './fold-text.ts'
import type { IndexedContext } from './index-records.ts'
import { occurrences, type TextRange } from './occurrences.ts'
import { parseSearch } from './search-expression.ts'
import { planSearch, type SearchPlan } from './search-plan.ts'
import { type Ranked, rankByIndex, rankByText } from './search-rank.ts'
import { allMatches, MAX_SAMPLE, spread, spreadMatches } from './search-sample.ts'

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
/** Entries of the index that are passed to find all matches, in about 15 ms; beyond, a sample is taken. */
const MAX_WALK = 500_000
/** What it takes to rank, in entries of the index that are passed meanwhile: a match by the index, one by its text. */
const [BY_INDEX, BY_TEXT, TERM_IN_TEXT] = [20, 120, 40]
const MAX_HITS = 1_000

/** Contexts that match, ranked, before their texts are read. */
export interface RankedContexts extends Omit<SearchResult, 'hits'> {
  /** The best first, at most as many as were wanted. */
  readonly best: readonly Ranked[]
  /** One of them with its text. */
  hit(ranked: Ranked): SearchHit
}

/** Throws `search/too-long`, `search/only-without`; text that means nothing finds nothing. */
export function searchContexts(db: ReadDb, query: SearchQuery): SearchResult {
  const { best, hit, ...found } = rankContexts(db, { ...query, limit: Math.min(query.limit, MAX_HITS) })
  return { hits: best.map(hit), ...found }
}

/** As `searchContexts`, for more contexts than one looks at: at most 10,000. Throws what that throws. */
export function rankContexts(db: ReadDb, { text, limit }: SearchQuery): RankedContexts {
  const expression = parseSearch(text)
  const plan = expression && planSearch(db, expression)
  if (plan?.match == null) return nothing
  const { best, matches, counted, ranked } = find(db, plan, Math.min(limit, MAX_RANKED))
  const context = db.prepare<[number], IndexedContext>(
    'SELECT id, first_row AS firstRow, tokens, text FROM context WHERE id = ?',
  )
  return {
    ...{ best, matches, ranked },
    hit: ({ id, score }) => {
      const found = context.get(id)!
      return { ...found, score, ranges: rangesOf(found.text, plan) }
    },
    counted: counted && !plan.partial,
    sampled: plan.partial || ranked < matches,
  }
}

const nothing: RankedContexts = {
  ...{ best: [], matches: 0, counted: true, ranked: 0, sampled: false },
  hit: () => {
    throw new Error('Nothing was found.')
  },
}

interface Found {
  readonly best: readonly Ranked[]
  readonly matches: number
  readonly counted: boolean
  readonly ranked: number
}

function find(db: ReadDb, plan: SearchPlan, limit: number): Found {
  const all = plan.walk <= MAX_WALK ? allMatches(db, plan, MAX_RANKED) : undefined
  if (all)
    return { best: ranked(db, plan, all, limit), matches: all.length, counted: true, ranked: all.length }
  const { ids, matches, counted } = spreadMatches(db, plan)
  const sample = spread(ids, MAX_SAMPLE)
  return { best: rankByText(db, plan, sample).slice(0, limit), matches, counted, ranked: sample.length }
}

/** The best of all matches, in the way that takes less time. */
function ranked(db: ReadDb, plan: SearchPlan, ids: readonly number[], limit: number): readonly Ranked[] {
  const { rank, terms } = plan
  const byText = ids.length * (BY_TEXT + TERM_IN_TEXT * terms.length)
  if (!rank || rank.walk + rank.weight + rank.bound * BY_INDEX > byText) {
    return rankByText(db, plan, ids).slice(0, limit)
  }
  return rankByIndex(db, plan, rank, ids, limit)
}

function rangesOf(text: string, plan: SearchPlan): TextRange[] {
  const folded = foldText(text)
  return plan.terms
    .flatMap(({ term }) => occurrences(folded, term))
    .sort(([start, end], [otherStart, otherEnd]) => start - otherStart || end - otherEnd)
}
