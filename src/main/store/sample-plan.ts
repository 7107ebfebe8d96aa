// The plan of a sample in a SQLite file: every text's hash, the documents there are to choose from, and those chosen.
import { guarded, type Migration, openForWriting, type WriteDb } from './database.ts'

/** Where a file of the corpus begins: reading can start there. */
export interface PlanMark {
  readonly index: number
  readonly id: string
  /** The first item in it. */
  readonly ordinal: number
}

export interface Candidate {
  readonly ordinal: number
  readonly stratum: string | null
  /** A random integer of at most 48 bits: the smallest of a stratum are chosen. */
  readonly key: number
  readonly tokens: number
}

/** A candidate with its text, kept to be looked at before anything is harvested. */
export interface Specimen {
  readonly ordinal: number
  /** As `Candidate` has them. */
  readonly stratum: string | null
  readonly key: number
  readonly language: string | null
  /** The beginning of it. */
  readonly text: string
}

/** What a stratum has, without duplicates. */
export interface PlanStratum {
  readonly name: string | null
  readonly documents: number
  readonly tokens: number
}

const migrations: readonly Migration[] = [
  {
    name: 'hashes, marks, candidates and the choice',
    up: (db) =>
      db.exec(`
        CREATE TABLE note (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE first (hash BLOB PRIMARY KEY, ordinal INTEGER NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE mark (ordinal INTEGER NOT NULL, number INTEGER PRIMARY KEY, id TEXT NOT NULL) STRICT;
        CREATE INDEX mark_by_ordinal ON mark (ordinal, number);
        CREATE TABLE stratum (id INTEGER PRIMARY KEY, name TEXT) STRICT;
        CREATE TABLE candidate (
          ordinal INTEGER PRIMARY KEY,
          stratum INTEGER NOT NULL REFERENCES stratum (id),
          key INTEGER NOT NULL,
          tokens INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE chosen (ordinal INTEGER PRIMARY KEY) STRICT;
      `),
  },
  {
    name: 'specimens',
    up: (db) =>
      db.exec(`
        CREATE TABLE specimen (
          ordinal INTEGER PRIMARY KEY,
          stratum INTEGER NOT NULL REFERENCES stratum (id),
          key INTEGER NOT NULL,
          language TEXT,
          text TEXT NOT NULL
        ) STRICT;
        CREATE INDEX specimen_by_key ON specimen (stratum, key, ordinal);
      `),
  },
]

/** Writes between two commits; an interruption loses no more, and what is lost is read again. */
const COMMIT_EVERY = 2_000

/** All of it throws `disk/…`. What is written twice stays as it was, so that work may begin again at any mark. */
export class SamplePlan {
  readonly #path: string
  readonly #db: WriteDb
  readonly #statements: ReturnType<typeof statementsOf>
  readonly #strata = new Map<string | null, number>()
  /** Of each stratum how many specimens it has, and the largest of their keys. */
  readonly #largest = new Map<number, { readonly count: number; readonly key: number }>()
  #writes = 0

  private constructor(path: string, db: WriteDb) {
    this.#path = path
    this.#db = db
    // the hashes come in no order: more of them stay at hand
    db.pragma('cache_size = -16384')
    this.#statements = statementsOf(db)
    const rows = db.prepare<[], { id: number; name: string | null }>('SELECT id, name FROM stratum').all()
    for (const { id, name } of rows) this.#strata.set(name, id)
    db.exec('BEGIN')
  }

  /** Opens the plan at `path`, or makes a new one. */
  static open(path: string): SamplePlan {
    const db = openForWriting(path, migrations)
    try {
      return guarded(path, () => new SamplePlan(path, db))
    } catch (error) {
      db.close()
      throw error
    }
  }

  note(key: string): string | null {
    return guarded(this.#path, () => this.#statements.note.get(key)?.value ?? null)
  }

  setNote(key: string, value: string): void {
    this.#write(() => this.#statements.setNote.run(key, value))
  }

  /** The ordinal of the first document with this hash, which `ordinal` becomes if there was none. */
  claim(hash: Uint8Array, ordinal: number): number {
    return this.#write(() => {
      const { changes } = this.#statements.claim.run(hash, ordinal)
      return changes > 0 ? ordinal : this.#statements.first.get(hash)!.ordinal
    })
  }

  /** The ordinal of the first document with this hash, or null. */
  firstOf(hash: Uint8Array): number | null {
    return guarded(this.#path, () => this.#statements.first.get(hash)?.ordinal ?? null)
  }

  /** Marks a file; everything before it must have been written. */
  addMark({ index, id, ordinal }: PlanMark): void {
    this.#write(() => this.#statements.addMark.run(ordinal, index, id))
  }

  /** The last mark at or before `ordinal`, or the first file's, or null when there is none. */
  markAt(ordinal: number): PlanMark | null {
    return guarded(this.#path, () => this.#statements.markAt.get(ordinal) ?? null)
  }

  addCandidate({ ordinal, stratum, key, tokens }: Candidate): void {
    this.#write(() => this.#statements.addCandidate.run(ordinal, this.#stratumId(stratum), key, tokens))
  }

  /** Kept while it is among the `most` of its stratum with the smallest keys. */
  addSpecimen({ ordinal, stratum, key, language, text }: Specimen, most: number): void {
    const id = this.#stratumId(stratum)
    const last = this.#largest.get(id)
    if (last && last.count >= most && key > last.key) return
    this.#write(() => {
      this.#statements.addSpecimen.run(ordinal, id, key, language, text)
      this.#statements.trimSpecimens.run(id, id, most)
      this.#largest.set(id, this.#statements.largestSpecimen.get(id)!)
    })
  }

  /** Of the documents that are chosen those with the smallest keys, at most `most` of a stratum; by stratum and key. */
  specimens(most: number): Specimen[] {
    return guarded(this.#path, () => this.#statements.specimens.all(most))
  }

  isChosen(ordinal: number): boolean {
    return guarded(this.#path, () => this.#statements.chosen.get(ordinal) !== undefined)
  }

  /** What there is to choose from, in the order of names. */
  strata(): PlanStratum[] {
    return guarded(this.#path, () => this.#statements.strata.all())
  }

  /**
   * Chooses, in each stratum named, documents by ascending key until they have the tokens wanted of it; resolves to
   * the tokens that were chosen. What was chosen before is forgotten.
   */
  choose(wanted: ReadonlyMap<string | null, number>): Map<string | null, number> {
    return this.#write(() => {
      this.#db.exec(
        'DELETE FROM chosen; CREATE TEMP TABLE wanted (stratum INTEGER PRIMARY KEY, tokens INTEGER NOT NULL)',
      )
      const want = this.#db.prepare('INSERT INTO wanted VALUES (?, ?)')
      for (const [name, tokens] of wanted) want.run(this.#stratumId(name), tokens)
      this.#db.exec(`
        INSERT INTO chosen SELECT ordinal FROM (
          SELECT ordinal, stratum, tokens,
            sum(tokens) OVER (PARTITION BY stratum ORDER BY key, ordinal ROWS UNBOUNDED PRECEDING) AS upto
          FROM candidate WHERE stratum IN (SELECT stratum FROM wanted)
        ) AS running JOIN wanted USING (stratum) WHERE upto - running.tokens < wanted.tokens ORDER BY ordinal;
        DROP TABLE wanted;`)
      const rows = this.#db
        .prepare<[], { name: string | null; tokens: number }>(
          `SELECT name, sum(tokens) AS tokens FROM chosen JOIN candidate USING (ordinal)
           JOIN stratum ON stratum.id = candidate.stratum GROUP BY stratum.id ORDER BY name`,
        )
        .all()
      return new Map(rows.map(({ name, tokens }) => [name, tokens]))
    })
  }

  /** Makes what was written durable. */
  commit(): void {
    guarded(this.#path, () => this.#db.exec('COMMIT; BEGIN'))
    this.#writes = 0
  }

  /** Commits and closes. */
  close(): void {
    guarded(this.#path, () => {
      try {
        // a full disk has ended it already
        if (this.#db.inTransaction) this.#db.exec('COMMIT')
      } finally {
        this.#db.close()
      }
    })
  }

  #write<T>(work: () => T): T {
    const result = guarded(this.#path, work)
    if (++this.#writes >= COMMIT_EVERY) this.commit()
    return result
  }

  #stratumId(name: string | null): number {
    const known = this.#strata.get(name)
    if (known !== undefined) return known
    const id = Number(this.#statements.addStratum.run(name).lastInsertRowid)
    this.#strata.set(name, id)
    return id
  }
}

function statementsOf(db: WriteDb) {
  return {
    note: db.prepare<[string], { value: string }>('SELECT value FROM note WHERE key = ?'),
    setNote: db.prepare('INSERT OR REPLACE INTO note (key, value) VALUES (?, ?)'),
    claim: db.prepare('INSERT OR IGNORE INTO first (hash, ordinal) VALUES (?, ?)'),
    first: db.prepare<[Uint8Array], { ordinal: number }>('SELECT ordinal FROM first WHERE hash = ?'),
    addMark: db.prepare('INSERT OR REPLACE INTO mark (ordinal, number, id) VALUES (?, ?, ?)'),
    markAt: db.prepare<[number], PlanMark>(
      `SELECT number AS "index", id, ordinal FROM mark WHERE ordinal <= ? ORDER BY ordinal DESC, number DESC LIMIT 1`,
    ),
    addStratum: db.prepare('INSERT INTO stratum (name) VALUES (?)'),
    addCandidate: db.prepare(
      'INSERT OR IGNORE INTO candidate (ordinal, stratum, key, tokens) VALUES (?, ?, ?, ?)',
    ),
    chosen: db.prepare<[number], { ordinal: number }>('SELECT ordinal FROM chosen WHERE ordinal = ?'),
    addSpecimen: db.prepare(
      'INSERT OR IGNORE INTO specimen (ordinal, stratum, key, language, text) VALUES (?, ?, ?, ?, ?)',
    ),
    trimSpecimens: db.prepare(
      `DELETE FROM specimen WHERE stratum = ? AND ordinal IN (
         SELECT ordinal FROM specimen WHERE stratum = ? ORDER BY key, ordinal LIMIT -1 OFFSET ?)`,
    ),
    largestSpecimen: db.prepare<[number], { count: number; key: number }>(
      'SELECT count(*) AS count, max(key) AS key FROM specimen WHERE stratum = ?',
    ),
    specimens: db.prepare<[number], Specimen>(
      `SELECT ordinal, name AS stratum, key, language, text FROM (
         SELECT *, row_number() OVER (PARTITION BY stratum ORDER BY key, ordinal) AS place
         FROM specimen WHERE ordinal IN (SELECT ordinal FROM chosen)
       ) AS placed JOIN stratum ON stratum.id = placed.stratum WHERE place <= ? ORDER BY name, key, ordinal`,
    ),
    strata: db.prepare<[], PlanStratum>(
      `SELECT name, count(*) AS documents, sum(tokens) AS tokens
       FROM candidate JOIN stratum ON stratum.id = candidate.stratum GROUP BY stratum.id ORDER BY name`,
    ),
  }
}
