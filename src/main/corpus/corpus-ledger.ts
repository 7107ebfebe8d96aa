// The account of a corpus: what became of every item, so that what was read is what was used and what was skipped.
import type { CorpusLedger, Skipped, SkipReason, Strata } from '../../shared/corpus.ts'
import type { CorpusItem } from './corpus.ts'

/** Faults that are listed; all are counted. */
const LISTED = 300
/** Names that are counted apart; a field with more is no stratum, and its documents join those that have none. */
const MOST_NAMES = 10_000
/** Reasons that are no fault of what was skipped. */
const choices: readonly SkipReason[] = ['duplicate', 'not-sampled']

export class LedgerKeeper {
  #read = 0
  #used = 0
  #characters = 0
  #replaced = 0
  readonly #skipped: Partial<Record<SkipReason, number>> = {}
  readonly #strata = new Tally()
  readonly #languages = new Tally()
  readonly #faults: Skipped[] = []

  /** Counts an item; items come in order and each once. */
  add(item: CorpusItem): void {
    this.#read++
    if (item.kind === 'skipped') {
      const { ordinal, source, reason, detail } = item
      this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1
      if (!choices.includes(reason) && this.#faults.length < LISTED) {
        this.#faults.push({ ordinal, source, reason, detail })
      }
      return
    }
    const { text, stratum, language, replaced } = item.document
    this.#used++
    this.#characters += text.length
    this.#replaced += replaced
    this.#strata.add(stratum, text.length)
    this.#languages.add(language, text.length)
  }

  get ledger(): CorpusLedger {
    return {
      read: this.#read,
      used: this.#used,
      skipped: { ...this.#skipped },
      characters: this.#characters,
      replaced: this.#replaced,
      strata: this.#strata.rows(),
      languages: this.#languages.rows(),
      faults: [...this.#faults],
    }
  }
}

class Tally {
  readonly #rows = new Map<string | null, { documents: number; characters: number }>()

  add(name: string | null, characters: number): void {
    const key = this.#rows.has(name) || this.#rows.size < MOST_NAMES ? name : null
    const row = this.#rows.get(key) ?? { documents: 0, characters: 0 }
    row.documents++
    row.characters += characters
    this.#rows.set(key, row)
  }

  /** The largest first; equal ones by name. */
  rows(): Strata {
    return [...this.#rows]
      .map(([name, row]) => ({ name, ...row }))
      .sort((a, b) => b.characters - a.characters || (String(a.name) < String(b.name) ? -1 : 1))
  }
}
