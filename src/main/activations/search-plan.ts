// How a search is asked of the index: which full text, in which words, and how many contexts can match at most.
import type { ReadDb } from '../store/database.ts'
import type { SearchExpression, SearchTerm } from './search-query.ts'

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
  /** Contexts that each term is in at most, added up: what it costs to weigh them all. */
  readonly weight: number
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
const TRIGRAM = 3

/** An expression as FTS5 wants it, with the contexts it matches at most. */
interface Match {
  readonly text: string
  readonly bound: number
  readonly breadth: number
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
  #weight = 0

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
      weight: this.#weight,
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
        this.#weight += found?.bound ?? 0
        if (found && wanted) this.#terms.push({ term, contexts: found.bound })
        return found
      }
      case 'all': {
        const all = expression.of.map((each) => this.#of(each, wanted))
        if (!all.every((each) => each !== undefined)) return undefined
        return { ...join(all, 'AND'), bound: Math.min(...all.map(({ bound }) => bound)) }
      }
      case 'any':
        return either(
          expression.of.map((each) => this.#of(each, wanted)).filter((each) => each !== undefined),
        )
      case 'without': {
        const of = this.#of(expression.of, wanted)
        const not = of && this.#of(expression.not, false)
        return not ? { ...join([of, not], 'NOT'), bound: of.bound } : of
      }
    }
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
    if (!prefix) return phrase(text, Math.min(...counts), words.length)
    const beginnings = this.#beginning(words.at(-1)!)
    if (whole.length > 0 || beginnings.total <= MAX_GATHERED) {
      const match = phrase(text, Math.min(beginnings.total, ...counts), words.length)
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
    return phrase(text, Math.min(...trigrams.map((trigram) => this.#count(trigram))), trigrams.length)
  }

  #mostFrequent({ first }: Beginnings): Match | undefined {
    if (first.length > MAX_EXPANSION) this.#partial = true
    return either(first.slice(0, MAX_EXPANSION).flatMap(({ text, bound }) => phrase(text, bound, 1) ?? []))
  }
}

/** `text`, of so many words or trigrams, as FTS5 takes it, whatever is in it. */
function phrase(text: string, bound: number, breadth: number): Match | undefined {
  return bound === 0 ? undefined : { text: `"${text.replaceAll('"', '""')}"`, bound, breadth }
}

function either(matches: readonly Match[]): Match | undefined {
  if (matches.length === 0) return undefined
  return { ...join(matches, 'OR'), bound: sum(matches.map(({ bound }) => bound)) }
}

function join(matches: readonly Match[], operator: string): Omit<Match, 'bound'> {
  const text = `(${matches.map((match) => match.text).join(` ${operator} `)})`
  return { text, breadth: sum(matches.map(({ breadth }) => breadth)) }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
