// How a search is asked of the index: which full text, in which words, and how many contexts can match at most.
import type { ReadDb } from '../store/database.ts'
import type { SearchExpression, SearchTerm } from './search-expression.ts'

export interface SearchPlan {
  readonly table: 'word' | 'trigram'
  /** In the language of FTS5; null when nothing can match. */
  readonly match: string | null
  /** Of the index. */
  readonly contexts: number
  /** Contexts that match at most. */
  readonly bound: number
  /** Whether exactly that many match. */
  readonly exact: boolean
  /** Entries of the index that are passed to find all that match, about. */
  readonly walk: number
  /** What ranks them: `match` without the words that most contexts have; null when there are no others. */
  readonly rank: Ranking | null
  /** Words or trigrams of `match`: each is sought anew at every place that is looked at. */
  readonly breadth: number
  /** Whether only the most frequent of many words or characters that begin so are looked for. */
  readonly partial: boolean
  /** What makes a context rank higher, with how many contexts it is in at most. */
  readonly terms: readonly { readonly term: SearchTerm; readonly contexts: number }[]
}

/** Of the words that begin as asked: so many are looked for when there are too many for all. */
const MAX_EXPANSION = 64
/** Contexts up to which FTS5 gathers by itself all words that begin so. */
const MAX_GATHERED = 20_000
/** Entries of the index that are passed in the time in which one is sought. */
const SEEK = 32
const TRIGRAM = 3

/** An expression as FTS5 wants it. */
export interface Ranking {
  readonly text: string
  /** Contexts it matches at most. */
  readonly bound: number
  /** Entries of the index that are passed to find those, and to learn how many each of its terms has. */
  readonly walk: number
  readonly weight: number
}

interface Match extends Ranking {
  readonly breadth: number
  /** See `SearchPlan`. */
  readonly rank: Ranking | null
}

/** The words or trigrams of the index that begin alike. */
interface Beginnings {
  /** The most frequent, one more than are looked for, with the contexts each is in. */
  readonly first: readonly { readonly text: string; readonly bound: number }[]
  /** Contexts that all of them are in, added up. */
  readonly total: number
}

/** Plans `expression` with the counts of a finished index. */
export function planSearch(db: ReadDb, expression: SearchExpression): SearchPlan {
  // one full text answers a whole query: parts of words are found only by characters, and words by them as well
  const table = hasPart(expression) ? 'trigram' : 'word'
  const contexts = db.prepare<[], number>('SELECT coalesce(max(id) + 1, 0) FROM context').pluck().get()!
  return new Planner(db, table, contexts).plan(expression)
}

function hasPart(expression: SearchExpression): boolean {
  if (expression.type === 'part') return true
  if (expression.type === 'words') return false
  if (expression.type === 'without') return hasPart(expression.of) || hasPart(expression.not)
  return expression.of.some(hasPart)
}

class Planner {
  readonly #table: 'word' | 'trigram'
  readonly #contexts: number
  readonly #count: (term: string) => number
  readonly #beginning: (prefix: string) => Beginnings
  readonly #terms: SearchPlan['terms'][number][] = []
  #partial = false

  constructor(db: ReadDb, table: 'word' | 'trigram', contexts: number) {
    this.#table = table
    this.#contexts = contexts
    const count = db.prepare<[string], number>(`SELECT contexts FROM ${table}_count WHERE term = ?`).pluck()
    this.#count = (term) => count.get(term) ?? 0
    const range = `FROM ${table}_count WHERE term >= ? AND term < ?`
    const total = db.prepare<[string, string], number>(`SELECT coalesce(sum(contexts), 0) ${range}`).pluck()
    const first = db.prepare<[string, string], Beginnings['first'][number]>(
      `SELECT term AS text, contexts AS bound ${range} ORDER BY contexts DESC, term LIMIT ${MAX_EXPANSION + 1}`,
    )
    this.#beginning = (prefix) => {
      const ends = [prefix, `${prefix}\u{10ffff}`] as const
      return { first: first.all(...ends), total: total.get(...ends)! }
    }
  }

  plan(expression: SearchExpression): SearchPlan {
    const found = this.#of(expression, true)
    return {
      table: this.#table,
      contexts: this.#contexts,
      match: found?.text ?? null,
      bound: found?.bound ?? 0,
      exact: this.#isOneTerm(expression),
      walk: found?.walk ?? 0,
      rank: found?.rank ?? null,
      breadth: found?.breadth ?? 0,
      partial: this.#partial,
      terms: this.#terms,
    }
  }

  /** Undefined when nothing can match. */
  #of(expression: SearchExpression, wanted: boolean): Match | undefined {
    switch (expression.type) {
      case 'words':
      case 'part': {
        const term: SearchTerm = this.#table === 'word' ? expression : { type: 'part', text: expression.text }
        const found = term.type === 'words' ? this.#words(term) : this.#part(term.text)
        if (found && wanted) this.#terms.push({ term, contexts: found.bound })
        return found && this.#ranked(found)
      }
      case 'all': {
        const all = expression.of.map((each) => this.#of(each, wanted))
        if (!all.every((each) => each !== undefined)) return undefined
        return conjunction(all)
      }
      case 'any':
        return either(
          expression.of.map((each) => this.#of(each, wanted)).filter((each) => each !== undefined),
        )
      case 'without': {
        const of = this.#of(expression.of, wanted)
        const not = of && this.#of(expression.not, false)
        return not ? difference(of, not) : of
      }
    }
  }

  /** What is in more than half of all contexts is worth nothing in BM25, and costs the most. */
  #ranked(match: Match): Match {
    return { ...match, rank: match.bound * 2 > this.#contexts ? null : match }
  }

  /** Whether the count of a single term of the full text answers it. */
  #isOneTerm(expression: SearchExpression): boolean {
    if (expression.type === 'words' && this.#table === 'word')
      return expression.words.length === 1 && !expression.prefix
    return expression.type === 'part' && Array.from(expression.text).length === TRIGRAM
  }

  #words({ words, prefix, text }: SearchTerm & { type: 'words' }): Match | undefined {
    const whole = prefix ? words.slice(0, -1) : words
    const counts = whole.map((word) => this.#count(word))
    if (!prefix) return phrase(text, counts)
    const beginnings = this.#beginning(words.at(-1)!)
    if (whole.length > 0 || beginnings.total <= MAX_GATHERED) {
      const match = phrase(text, [...counts, beginnings.total])
      return match && { ...match, text: `${match.text} *` }
    }
    return this.#mostFrequent(beginnings)
  }

  #part(text: string): Match | undefined {
    const characters = Array.from(text)
    // fewer than three characters begin trigrams: the end of a context is padded so that they always do
    if (characters.length < TRIGRAM) return this.#mostFrequent(this.#beginning(text))
    const trigrams = characters
      .slice(TRIGRAM - 1)
      .map((_, index) => characters.slice(index, index + TRIGRAM).join(''))
    return phrase(
      text,
      trigrams.map((trigram) => this.#count(trigram)),
    )
  }

  #mostFrequent({ first }: Beginnings): Match | undefined {
    if (first.length > MAX_EXPANSION) this.#partial = true
    return either(first.slice(0, MAX_EXPANSION).flatMap(({ text, bound }) => phrase(text, [bound]) ?? []))
  }
}

/** `text` as FTS5 takes it, whatever is in it; its words or trigrams are in so many contexts each. */
function phrase(text: string, counts: readonly number[]): Match | undefined {
  const bound = Math.min(...counts)
  if (bound === 0) return undefined
  const walk = passed(
    counts.map((count) => ({ walk: count })),
    bound,
  )
  // to learn how many have a phrase, all of them are found
  return {
    ...{ text: `"${text.replaceAll('"', '""')}"`, bound, walk, weight: walk },
    ...{ breadth: counts.length, rank: null },
  }
}

function conjunction(all: readonly Match[]): Match {
  const ranked = all.flatMap(({ rank }) => rank ?? [])
  const both = (parts: readonly Ranking[]) => {
    const bound = Math.min(...parts.map((part) => part.bound))
    return { ...join(parts, 'AND'), bound, walk: passed(parts, bound) }
  }
  return { ...both(all), breadth: breadthOf(all), rank: ranked.length === 0 ? null : both(ranked) }
}

function either(any: readonly Match[]): Match | undefined {
  if (any.length === 0) return undefined
  const bound = sum(any.map((match) => match.bound))
  const found = { ...join(any, 'OR'), bound, walk: sum(any.map(({ walk }) => walk)) }
  // a context with nothing but a word that most have is wanted as well
  return { ...found, breadth: breadthOf(any), rank: found }
}

function difference(of: Match, not: Match): Match {
  const { text, weight } = join([of, not], 'NOT')
  const walk = of.walk + Math.min(not.walk, SEEK * of.bound)
  return { text, weight, walk, bound: of.bound, breadth: breadthOf([of, not]), rank: of.rank }
}

function join(parts: readonly Ranking[], operator: string): Pick<Ranking, 'text' | 'weight'> {
  return {
    text: `(${parts.map((part) => part.text).join(` ${operator} `)})`,
    weight: sum(parts.map(({ weight }) => weight)),
  }
}

/** Entries passed where all of `parts` are wanted: whole lists, or what is sought for each of the rarest. */
function passed(parts: readonly Pick<Ranking, 'walk'>[], rarest: number): number {
  return Math.min(sum(parts.map(({ walk }) => walk)), (1 + SEEK * (parts.length - 1)) * rarest)
}

function breadthOf(matches: readonly Match[]): number {
  return sum(matches.map(({ breadth }) => breadth))
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
