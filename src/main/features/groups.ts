// To which group of documents a row belongs: those of one stratum, one language and one split.
import type { HarvestIndex } from '../activations/harvest-index.ts'

export interface Group {
  readonly stratum: string | null
  readonly language: string | null
  readonly validates: boolean
}

/** Strata and languages that are told apart; the documents of the others, which are rarer, are put together. */
const MOST_NAMES = 200
const OTHERS = '(others)'

/** Finds the groups of a harvest's rows; rows come in an order in which sentences follow each other. */
export class Groups {
  readonly all: readonly Group[]
  readonly #index: HarvestIndex
  readonly #strata: ReadonlySet<string>
  readonly #languages: ReadonlySet<string>
  readonly #places = new Map<string, number>()
  #document = -1
  #ofDocument = 0
  #sentence = -1
  #ofSentence = 0

  constructor(index: HarvestIndex) {
    this.#index = index
    const kinds = index.documentKinds()
    this.#strata = frequent(kinds.map(({ stratum, documents }) => [stratum, documents]))
    this.#languages = frequent(kinds.map(({ language, documents }) => [language, documents]))
    const all: Group[] = []
    for (const kind of kinds) {
      const group = this.#known({ ...kind, validates: kind.split === 2 })
      const key = JSON.stringify(group)
      if (this.#places.has(key)) continue
      this.#places.set(key, all.length)
      all.push(group)
    }
    this.all = all
  }

  /** The place among `all` of the row that belongs to this sentence. */
  ofSentence(sentence: number): number {
    if (sentence === this.#sentence) return this.#ofSentence
    const document = this.#index.sentence(sentence)?.document ?? -1
    if (document !== this.#document) {
      const found = this.#index.document(document)
      if (!found) throw new Error(`The harvest's index has no document for sentence ${sentence}.`)
      const group = this.#known({ ...found, validates: found.split === 2 })
      this.#ofDocument = this.#places.get(JSON.stringify(group))!
      this.#document = document
    }
    this.#sentence = sentence
    this.#ofSentence = this.#ofDocument
    return this.#ofDocument
  }

  #known({ stratum, language, validates }: Group): Group {
    const told = (name: string | null, known: ReadonlySet<string>) =>
      name === null || known.has(name) ? name : OTHERS
    return {
      stratum: told(stratum, this.#strata),
      language: told(language, this.#languages),
      validates,
    }
  }
}

function frequent(counts: readonly (readonly [string | null, number])[]): ReadonlySet<string> {
  const documents = new Map<string, number>()
  for (const [name, count] of counts) {
    if (name !== null) documents.set(name, (documents.get(name) ?? 0) + count)
  }
  const sorted = [...documents].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1))
  return new Set(sorted.slice(0, MOST_NAMES).map(([name]) => name))
}
