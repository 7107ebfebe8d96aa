// Reads the index of a harvest: what a row, a sentence, a context or a document is, and where its rows are.
import { expected } from '../../shared/errors.ts'
import { guarded, openForReading, type ReadDb } from '../store/database.ts'
import type {
  DocumentKind,
  IndexedContext,
  IndexedDocument,
  IndexedSentence,
  ParallelTexts,
} from './index-records.ts'
import { indexMigrations } from './index-schema.ts'
import {
  rankContexts,
  type RankedContexts,
  searchContexts,
  type SearchQuery,
  type SearchResult,
} from './search.ts'

/** How much there is. */
export interface IndexCounts {
  readonly documents: number
  readonly contexts: number
  readonly sentences: number
  readonly rows: number
}

const CONTEXT = 'SELECT id, first_row AS firstRow, tokens, text FROM context'
const SENTENCE = 'SELECT id, document, context, start, "end" FROM sentence'

export class HarvestIndex {
  readonly path: string
  readonly #db: ReadDb
  readonly #statements: ReturnType<typeof prepare>

  private constructor(path: string, db: ReadDb) {
    this.path = path
    this.#db = db
    this.#statements = prepare(db)
  }

  /** Throws `disk/…`, `index/newer`, `index/foreign`, `index/unfinished`. */
  static open(path: string): HarvestIndex {
    const db = openForReading(path)
    try {
      guarded(path, () => checkIndex(db, path))
      return new HarvestIndex(path, db)
    } catch (error) {
      db.close()
      throw error
    }
  }

  counts(): IndexCounts {
    return this.#read((statements) => statements.counts.get()!)
  }

  document(ordinal: number): IndexedDocument | undefined {
    return this.#read((statements) => statements.document.get(ordinal))
  }

  context(id: number): IndexedContext | undefined {
    return this.#read((statements) => statements.context.get(id))
  }

  sentence(id: number): IndexedSentence | undefined {
    return this.#read((statements) => statements.sentence.get(id))
  }

  /** How many documents there are of each stratum, language and split, in an order that does not change. */
  documentKinds(): readonly DocumentKind[] {
    return this.#read(() =>
      this.#db
        .prepare<[], DocumentKind>(
          `SELECT stratum, language, split, count(*) AS documents FROM document
           GROUP BY stratum, language, split ORDER BY stratum, language, split`,
        )
        .all(),
    )
  }

  /**
   * Texts of one meaning in the two languages that have most of them: documents whose `parallel`, or `meta.parallel`, is the same, by
   * the context in which each begins. Null where documents say nothing of the kind.
   */
  parallelTexts(most: number): ParallelTexts | null {
    const rows = this.#read(() =>
      this.#db
        .prepare<[], { key: string; language: string; ordinal: number }>(
          `SELECT coalesce(json_extract(meta, '$.meta.parallel'), json_extract(meta, '$.parallel')) AS key,
             language, min(ordinal) AS ordinal
           FROM document WHERE key IS NOT NULL AND language IS NOT NULL
           GROUP BY key, language ORDER BY key, language`,
        )
        .all(),
    )
    const counts = Map.groupBy(rows, ({ language }) => language)
    const [a, b] = [...counts].sort(([, x], [, y]) => y.length - x.length).map(([language]) => language)
    if (a === undefined || b === undefined) return null
    const inOther = new Map(counts.get(b)!.map(({ key, ordinal }) => [key, ordinal]))
    const textOf = (ordinal: number) =>
      this.context(this.contextsOfDocument(ordinal)?.first ?? -1)?.text ?? ''
    const pairs = counts.get(a)!.filter(({ key }) => inOther.has(key))
    return {
      languages: [a, b],
      pairs: pairs.slice(0, most).map(({ key, ordinal }) => [textOf(ordinal), textOf(inOther.get(key)!)]),
    }
  }

  /** The context whose row it is. */
  contextOfRow(row: number): IndexedContext | undefined {
    const context = this.#read((statements) => statements.contextOfRow.get(row))
    return context && row < context.firstRow + context.tokens ? context : undefined
  }

  /**
   * The sentences with text in the context, in order; the first may have begun before. In an index of before format 3
   * that one may have ended there as well.
   */
  sentencesOfContext(id: number): readonly IndexedSentence[] {
    return this.#read((statements) => {
      const own = statements.sentencesOfContext.all(id)
      const first = statements.firstSentence?.get(id) ?? statements.lastSentenceBefore.get(id)
      return first && first.id !== own[0]?.id ? [first, ...own] : own
    })
  }

  /**
   * Ids of the first and the last context that the document reaches into. In an index of format 1, where documents share
   * contexts, the last may be one too far.
   */
  contextsOfDocument(ordinal: number): { readonly first: number; readonly last: number } | undefined {
    return this.#read((statements) => {
      const { first, last, sentence } = statements.reach.get(ordinal)!
      if (first === null || last === null || sentence === null) return undefined
      // its last sentence goes on until the next document's first
      const next = statements.sentence.get(sentence + 1)
      if (!next) return { first, last: statements.lastContext.get()! }
      const begins = statements.document.get(next.document)?.begins === 1
      return { first, last: Math.max(last, begins ? next.context - 1 : next.context) }
    })
  }

  /** Throws `search/too-long`, `search/only-without`; text that means nothing finds nothing. */
  search(query: SearchQuery): SearchResult {
    return guarded(this.path, () => searchContexts(this.#db, query))
  }

  /** As `search`, without the texts of all that was found. */
  ranked(query: SearchQuery): RankedContexts {
    return guarded(this.path, () => rankContexts(this.#db, query))
  }

  close(): void {
    this.#db.close()
  }

  #read<T>(read: (statements: ReturnType<typeof prepare>) => T): T {
    return guarded(this.path, () => read(this.#statements))
  }
}

function prepare(db: ReadDb) {
  return {
    counts: db.prepare<[], IndexCounts>(`
      SELECT (SELECT count(*) FROM document) AS documents, (SELECT count(*) FROM context) AS contexts,
        (SELECT count(*) FROM sentence) AS sentences,
        coalesce((SELECT first_row + tokens FROM context ORDER BY first_row DESC LIMIT 1), 0) AS rows`),
    document: db.prepare<[number], IndexedDocument>('SELECT * FROM document WHERE ordinal = ?'),
    context: db.prepare<[number], IndexedContext>(`${CONTEXT} WHERE id = ?`),
    lastContext: db.prepare<[], number>('SELECT max(id) FROM context').pluck(),
    contextOfRow: db.prepare<[number], IndexedContext>(
      `${CONTEXT} WHERE first_row <= ? ORDER BY first_row DESC LIMIT 1`,
    ),
    sentence: db.prepare<[number], IndexedSentence>(`${SENTENCE} WHERE id = ?`),
    sentencesOfContext: db.prepare<[number], IndexedSentence>(`${SENTENCE} WHERE context = ? ORDER BY id`),
    firstSentence: hasColumn(db, 'context', 'sentence')
      ? db.prepare<[number], IndexedSentence>(
          `${SENTENCE} WHERE id = (SELECT sentence FROM context WHERE id = ?)`,
        )
      : null,
    lastSentenceBefore: db.prepare<[number], IndexedSentence>(
      `${SENTENCE} WHERE context < ? ORDER BY context DESC, id DESC LIMIT 1`,
    ),
    reach: db.prepare<[number], { first: number | null; last: number | null; sentence: number | null }>(
      'SELECT min(context) AS first, max(context) AS last, max(id) AS sentence FROM sentence WHERE document = ?',
    ),
  }
}

function hasColumn(db: ReadDb, table: string, name: string): boolean {
  return db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').get(table, name) !== undefined
}

function checkIndex(db: ReadDb, path: string): void {
  if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'trigram_count'").get()) {
    throw expected(
      'index/foreign',
      `${path} is no index of a harvest.`,
      'Choose the index.sqlite of a harvest.',
    )
  }
  const version = db.pragma('user_version', { simple: true }) as number
  if (version > indexMigrations.length) {
    throw expected(
      'index/newer',
      `${path} was written by a newer Monoscope (format ${version}; this one knows up to ${indexMigrations.length}).`,
      'Update Monoscope to read it.',
    )
  }
  if (db.prepare<[], number>('SELECT finished FROM state').pluck().get() === 1) return
  throw expected(
    'index/unfinished',
    `${path} is not finished: its harvest still runs or was interrupted.`,
    'Let the harvest end, or resume it.',
  )
}
