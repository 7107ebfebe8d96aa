// Which contexts match a search: all of them, or a sample spread over the corpus when that would take too long.
import type { ReadDb } from '../store/database.ts'
import type { SearchPlan } from './search-plan.ts'

export interface Matches {
  /** In order. */
  readonly ids: readonly number[]
  /** How many there are, beyond `ids`. */
  readonly matches: number
  /** Whether `matches` is exact; else it is estimated. */
  readonly counted: boolean
}

/** Contexts a sample has at most. */
export const MAX_SAMPLE = 512
/** A sample is the first few matches after each of several places, evenly spread: many, unless seeking takes long. */
const MAX_PLACES = 128
const MIN_PLACES = 8
const MAX_SEEKS = 512

/** All matches in order; undefined when there are more than `most`. */
export function allMatches(
  db: ReadDb,
  { table, match }: SearchPlan,
  most: number,
): readonly number[] | undefined {
  const ids = db
    .prepare<[string, number], number>(`SELECT rowid FROM ${table} WHERE ${table} MATCH ? LIMIT ?`)
    .pluck()
    .all(match!, most + 1)
  return ids.length > most ? undefined : ids
}

/**
 * A sample of the matches, the same every time. FTS5 goes on from a place until it has enough matches, wherever the
 * next place is: what it finds beyond is where the search goes on, so that no context is looked at twice.
 */
export function spreadMatches(db: ReadDb, plan: SearchPlan): Matches {
  const { table, match, contexts, bound, exact, breadth } = plan
  const places = Math.max(MIN_PLACES, Math.min(MAX_PLACES, Math.floor(MAX_SEEKS / breadth)))
  const enough = Math.floor(MAX_SAMPLE / places)
  const placeAt = (place: number) => Math.floor((place * contexts) / places)
  const from = db
    .prepare<[string, bigint], number>(
      `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid >= ? LIMIT ${enough + 1}`,
    )
    .pluck()
  const ids: number[] = []
  // contexts that were looked at
  let seen = 0
  let next = 0
  for (let place = 0; place < places; place++) {
    const [start, end] = [placeAt(place), placeAt(place + 1)]
    if (next >= end) {
      seen += end - start
      continue
    }
    // as an integer: FTS5 does not take a float for a bound, and JavaScript's numbers are bound as floats
    const found = from.all(match!, BigInt(Math.max(start, next)))
    const here = found.slice(0, enough).filter((id) => id < end)
    ids.push(...here)
    next = found.find((id) => id >= end) ?? (found.length > enough ? end : contexts)
    seen += (here.length < enough ? end : here.at(-1)! + 1) - start
  }
  const complete = seen === contexts
  const matches = complete ? ids.length : exact ? bound : Math.round((ids.length / seen) * contexts)
  return { ids, matches, counted: complete || exact }
}

/** At most `most` of `ids`, evenly spread. */
export function spread(ids: readonly number[], most: number): readonly number[] {
  if (ids.length <= most) return ids
  return Array.from({ length: most }, (_, index) => ids[Math.floor((index * ids.length) / most)]!)
}
