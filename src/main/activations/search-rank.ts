// How well a context answers a search: BM25, by the index where all matches are weighed, else from their text.
import type { ReadDb } from '../store/database.ts'
import { foldText } from './fold-text.ts'
import { occurrences } from './occurrences.ts'
import type { Ranking, SearchPlan } from './search-plan.ts'

export interface Ranked {
  /** Of the context. */
  readonly id: number
  /** Higher is better. */
  readonly score: number
}

/** As in FTS5: how soon further occurrences stop to count, and how much longer texts count less. */
const SATURATION = 1.2
const LENGTH = 0.75
/** What the most frequent of words is worth. */
const LEAST_WORTH = 1e-6

/** The best `limit` of the contexts `ids`, which are all that match. */
export function rankByIndex(
  db: ReadDb,
  { table, match }: SearchPlan,
  { text }: Ranking,
  ids: readonly number[],
  limit: number,
): readonly Ranked[] {
  // the plus keeps SQLite from asking the index for each of them
  const only = text === match ? '' : 'AND +rowid IN (SELECT value FROM json_each(:ids))'
  return db
    .prepare<[{ text: string; ids: string; limit: number }], Ranked>(
      `SELECT rowid AS id, -bm25(${table}) AS score FROM ${table} WHERE ${table} MATCH :text ${only}
       ORDER BY score DESC, id LIMIT :limit`,
    )
    .all({ text, ids: JSON.stringify(ids), limit })
}

/** The contexts `ids`, the best first. */
export function rankByText(db: ReadDb, plan: SearchPlan, ids: readonly number[]): readonly Ranked[] {
  // all at once: asking for each by itself takes three times as long
  const found = db.prepare<[string], { id: number; text: string }>(
    'SELECT context.id, text FROM json_each(?) AS wanted JOIN context ON context.id = wanted.value',
  )
  const weighted = plan.terms.map(({ term, contexts: having }) => ({
    term,
    worth: Math.max(LEAST_WORTH, Math.log((plan.contexts - having + 0.5) / (having + 0.5))),
  }))
  const texts = found.all(JSON.stringify(ids)).map(({ id, text }) => ({ id, text: foldText(text) }))
  const length = texts.reduce((sum, each) => sum + each.text.length, 0) / Math.max(1, texts.length)
  return texts
    .map(({ id, text }) => {
      const slack = SATURATION * (1 - LENGTH + LENGTH * (text.length / length))
      let score = 0
      for (const { term, worth } of weighted) {
        const times = occurrences(text, term).length
        score += (worth * times * (SATURATION + 1)) / (times + slack)
      }
      return { id, score }
    })
    .sort((a, b) => b.score - a.score || a.id - b.id)
}
