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

/** A sample is the first few matches after each of so many places, evenly spread. */
const PLACES = 128
const MATCHES_A_PLACE = 8
/** Contexts a sample has at most. */
export const MAX_SAMPLE = PLACES * MATCHES_A_PLACE

export function countMatches(db: ReadDb, { table, match }: SearchPlan): number {
  return db.prepare<[string], number>(`SELECT count(*) FROM ${table} WHERE ${table} MATCH ?`).pluck().get(match!)!
}

/** All matches; undefined when there are more than `most`. */
export function allMatches(db: ReadDb, { table, match }: SearchPlan, most: number): Matches | undefined {
  const ids = db
    .prepare<[string, number], number>(`SELECT rowid FROM ${table} WHERE ${table} MATCH ? LIMIT ?`)
    .pluck()
    .all(match!, most + 1)
  return ids.length > most ? undefined : { ids, matches: ids.length, counted: true }
}

/**
 * A sample of the matches, the same every time. FTS5 goes on from a place until it has enough matches, wherever the
 * next place is: what it finds beyond is where the search goes on, so that no context is looked at twice.
 */
export function spreadMatches(db: ReadDb, plan: SearchPlan): Matches {
  const { table, match, contexts, bound, exact } = plan
  const from = db
    .prepare<[string, bigint], number>(
      `SELECT rowid FROM ${table} WHERE ${table} MATCH ? AND rowid >= ? LIMIT ${MATCHES_A_PLACE + 1}`,
    )
    .pluck()
  const ids: number[] = []
  // contexts that were looked at
  let seen = 0
  let next = 0
  for (let place = 0; place < PLACES; place++) {
    const [start, end] = [placeAt(place, contexts), placeAt(place + 1, contexts)]
    if (next >= end) {
      seen += end - start
      continue
    }
    // as an integer: FTS5 does not take a float for a bound, and JavaScript's numbers are bound as floats
    const found = from.all(match!, BigInt(Math.max(start, next)))
    const here = found.slice(0, MATCHES_A_PLACE).filter((id) => id < end)
    ids.push(...here)
    next = found.find((id) => id >= end) ?? (found.length > MATCHES_A_PLACE ? end : contexts)
    seen += (here.length < MATCHES_A_PLACE ? end : here.at(-1)! + 1) - start
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

function placeAt(place: number, contexts: number): number {
  return Math.floor((place * contexts) / PLACES)
}
