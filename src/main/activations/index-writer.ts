// Builds the index of a harvest while it runs: what belongs to a shard is one transaction with where to go on.
import { guarded, leaveOneFile, openForWriting, type WriteDb } from '../store/database.ts'
import type { IndexedDocument, IndexedSentence, NewContext } from './index-records.ts'
import { indexMigrations } from './index-schema.ts'

/** Pages of the file kept in memory, in KiB. */
const CACHE = 2_048
/** Around a context's text among the trigrams, so that its last one and two characters begin one as well. */
const PADDING = '  '

export class IndexWriter {
  readonly #path: string
  readonly #db: WriteDb
  readonly #statements: ReturnType<typeof prepare>

  private constructor(path: string, db: WriteDb) {
    this.#path = path
    this.#db = db
    this.#statements = prepare(db)
  }

  /** Opens the index at `path`, or makes it; what was not committed is gone. Throws `disk/…`, `workspace/newer`. */
  static open(path: string): IndexWriter {
    const db = openForWriting(path, indexMigrations)
    db.pragma(`cache_size = -${CACHE}`)
    // the one who adds keeps the references; looking each up costs more than adding
    db.pragma('foreign_keys = OFF')
    return new IndexWriter(path, db)
  }

  /** What was given to the last `commit`; null before the first. */
  progress(): unknown {
    const { progress } = this.#statements.state.get()!
    return progress === null ? null : JSON.parse(progress)
  }

  /** Throws `disk/…`, as do the next two; ordinals and ids must be new. */
  addDocument({ ordinal, source, stratum, language, meta, split, begins }: IndexedDocument): void {
    this.#add(() => this.#statements.document.run(ordinal, source, stratum, language, meta, split, begins))
  }

  addContext({ id, firstRow, tokens, text, sentence }: NewContext): void {
    this.#add(() => {
      this.#statements.context.run(id, firstRow, tokens, text, sentence)
      this.#statements.word.run(id, text)
      this.#statements.trigram.run(id, text + PADDING)
    })
  }

  addSentence({ id, document, context, start, end }: IndexedSentence): void {
    this.#add(() => this.#statements.sentence.run(id, document, context, start, end))
  }

  /** Makes durable what was added since the last time, and `progress` (JSON) with it. Throws `disk/…`. */
  commit(progress: unknown): void {
    this.#add(() => {
      this.#statements.progress.run(JSON.stringify(progress))
      this.#db.exec('COMMIT')
    })
  }

  /**
   * Commits nothing more: merges the full text, counts in how many contexts each term occurs, and leaves one file
   * that also opens from a folder nobody may write to. May be called again after it was interrupted. Throws `disk/…`.
   */
  finish(): void {
    this.#rollBack()
    guarded(this.#path, () => {
      if (this.#statements.state.get()!.finished === 0)
        this.#db.transaction(() => complete(this.#db)).immediate()
      leaveOneFile(this.#db)
    })
    this.#db.close()
  }

  /** Closes it; what was not committed is gone. */
  close(): void {
    this.#rollBack()
    this.#db.close()
  }

  #add(change: () => void): void {
    guarded(this.#path, () => {
      if (!this.#db.inTransaction) this.#db.exec('BEGIN IMMEDIATE')
      change()
    })
  }

  #rollBack(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }
}

function prepare(db: WriteDb) {
  return {
    state: db.prepare<[], { progress: string | null; finished: number }>(
      'SELECT progress, finished FROM state',
    ),
    progress: db.prepare('UPDATE state SET progress = ?'),
    document: db.prepare('INSERT INTO document VALUES (?, ?, ?, ?, ?, ?, ?)'),
    context: db.prepare('INSERT INTO context (id, first_row, tokens, text, sentence) VALUES (?, ?, ?, ?, ?)'),
    word: db.prepare('INSERT INTO word (rowid, text) VALUES (?, ?)'),
    trigram: db.prepare('INSERT INTO trigram (rowid, text) VALUES (?, ?)'),
    sentence: db.prepare('INSERT INTO sentence VALUES (?, ?, ?, ?, ?)'),
  }
}

function complete(db: WriteDb): void {
  for (const table of ['word', 'trigram']) {
    db.exec(`
      INSERT INTO ${table} (${table}) VALUES ('optimize');
      CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab (main, ${table}, row);
      INSERT INTO ${table}_count SELECT term, doc FROM temp.vocabulary;
      DROP TABLE temp.vocabulary;
    `)
  }
  db.exec('UPDATE state SET finished = 1; ANALYZE')
}
