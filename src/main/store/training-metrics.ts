// What every step of a training run told, at full resolution, in a database of the SAE's own.
import type { Finding } from '../../shared/sae-findings.ts'
import { stepColumns } from '../../shared/saes.ts'
import {
  guarded,
  leaveOneFile,
  type Migration,
  openForWriting,
  type ReadDb,
  type WriteDb,
} from './database.ts'

export type StepColumn = (typeof stepColumns)[number]
export type StepRecord = Readonly<Record<'step' | StepColumn, number>>

export const validationColumns = ['fvu', 'l0', 'dead', 'shrinkage', 'cosine'] as const
export type ValidationColumn = (typeof validationColumns)[number]
export type ValidationRecord = Readonly<Record<'step' | ValidationColumn, number>> & {
  /** Features by the tenth power of ten of their density, from 10⁻⁸ up, four bins each; those that never fired first. */
  readonly densities: readonly number[]
  /** Null where it is not known which tokens are marks. */
  readonly marks: MarksShare | null
}

/** What falls on marks (punctuation, spaces, special tokens), as shares of all. */
export interface MarksShare {
  readonly rows: number
  /** Of what features add to rows, by length. */
  readonly mass: number
  /** Of the features that fire often enough to tell: those that do so mostly there. */
  readonly features: number
}

/** What was wrong with the run at a step. */
export interface CheckupRecord {
  readonly step: number
  readonly findings: readonly Finding[]
}

/** What a checkup looks at: steps ascending, and few of them however long the run. */
export interface Landmarks {
  /** The step with the highest L0; null before the first. */
  readonly densest: StepRecord | null
  readonly recent: readonly StepRecord[]
  /** Those after which a checkup was made. */
  readonly checked: readonly StepRecord[]
  readonly validations: readonly ValidationRecord[]
  readonly before: CheckupRecord | null
  readonly waits: Waits
}

/** Rows waited for in the last steps. */
export interface Waits {
  /** Of the time. */
  readonly share: number
  /** Divided by the rows of a step. */
  readonly secondsByBatch: number
}

/** Steps of the end, and of the validations and checkups before, that a checkup looks at. */
const [RECENT, BEFORE] = [20, 3]
/** Steps over which waiting is looked at: many, because it comes all at once. */
const WAITED = 2_000

const firstColumns = stepColumns.filter((name) => name !== 'waiting')

const migrations: readonly Migration[] = [
  {
    name: 'steps and validations',
    up: (db) =>
      db.exec(`
        CREATE TABLE step (step INTEGER PRIMARY KEY, ${firstColumns.map((name) => `${name} REAL`).join(', ')}) STRICT;
        CREATE TABLE validation (
          step INTEGER PRIMARY KEY, ${validationColumns.map((name) => `${name} REAL`).join(', ')},
          densities TEXT NOT NULL -- JSON
        ) STRICT;
      `),
  },
  {
    name: 'checkups, and what falls on marks',
    up: (db) =>
      db.exec(`
        CREATE TABLE checkup (step INTEGER PRIMARY KEY, findings TEXT NOT NULL /* JSON */) STRICT;
        ALTER TABLE validation ADD COLUMN marks TEXT; -- JSON
      `),
  },
  { name: 'waiting for rows', up: (db) => db.exec('ALTER TABLE step ADD COLUMN waiting REAL') },
]

export class TrainingMetrics {
  readonly #path: string
  readonly #db: WriteDb

  /** Opens or makes the database at `path`. Throws `disk/…`. */
  constructor(path: string) {
    this.#path = path
    this.#db = openForWriting(path, migrations)
  }

  /** Forgets what was told after `step`: an interrupted run goes on from there. */
  cutAfter(step: number): void {
    this.#guarded(() => {
      this.#db.prepare('DELETE FROM step WHERE step > ?').run(step)
      this.#db.prepare('DELETE FROM validation WHERE step > ?').run(step)
      this.#db.prepare('DELETE FROM checkup WHERE step > ?').run(step)
    })
  }

  steps(records: readonly StepRecord[]): void {
    const insert = this.#db.prepare(
      `INSERT OR REPLACE INTO step (step, ${stepColumns.join(', ')})
       VALUES (@step, ${stepColumns.map((name) => `@${name}`).join(', ')})`,
    )
    this.#guarded(() => this.#db.transaction(() => records.forEach((record) => insert.run(record)))())
  }

  validation({ densities, marks, ...record }: ValidationRecord): void {
    this.#guarded(() =>
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO validation (step, ${validationColumns.join(', ')}, densities, marks)
           VALUES (@step, ${validationColumns.map((name) => `@${name}`).join(', ')}, @densities, @marks)`,
        )
        .run({ ...record, densities: JSON.stringify(densities), marks: marks && JSON.stringify(marks) }),
    )
  }

  landmarks(): Landmarks {
    return this.#guarded(() => {
      const steps = (query: string, most: number) =>
        this.#db
          .prepare<[number], StepRecord>(`SELECT * FROM step ${query} LIMIT ?`)
          .all(most)
          .sort((a, b) => a.step - b.step)
      return {
        densest: steps('ORDER BY l0 DESC', 1)[0] ?? null,
        recent: steps('ORDER BY step DESC', RECENT),
        checked: steps('WHERE step IN (SELECT step FROM checkup) ORDER BY step DESC', BEFORE),
        validations: readValidations(this.#db, BEFORE),
        before: readCheckup(this.#db),
        waits: readWaits(this.#db),
      }
    })
  }

  checkup({ step, findings }: CheckupRecord): void {
    this.#guarded(() =>
      this.#db
        .prepare('INSERT OR REPLACE INTO checkup (step, findings) VALUES (?, ?)')
        .run(step, JSON.stringify(findings)),
    )
  }

  /** Puts all into the one file, so that a copy that may not be written to opens. */
  finish(): void {
    this.#guarded(() => leaveOneFile(this.#db))
    this.close()
  }

  close(): void {
    if (this.#db.open) this.#db.close()
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#path, work)
  }
}

/** `waiting` is a share of the whole time, `rowsPerSecond` of the rest of it. */
function readWaits(db: ReadDb): Waits {
  const { busy, waited } = db
    .prepare<[number], { busy: number | null; waited: number | null }>(
      `SELECT sum(1 / rowsPerSecond) AS busy, sum(waiting / (1 - waiting) / rowsPerSecond) AS waited
       FROM (SELECT * FROM step WHERE waiting < 1 AND rowsPerSecond > 0 ORDER BY step DESC LIMIT ?)`,
    )
    .get(WAITED)!
  const seconds = waited ?? 0
  return { share: seconds > 0 ? seconds / (seconds + busy!) : 0, secondsByBatch: seconds }
}

/** False in the moment in which the file is there and its tables are not. */
export function hasTables(db: ReadDb): boolean {
  return db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'validation'").get() !== undefined
}

/** All steps, or about `most` of them, evenly spread, with the last. */
export function readSteps(db: ReadDb, most = Infinity): StepRecord[] {
  const { count, last } = db
    .prepare<[], { count: number; last: number | null }>(
      'SELECT count(*) AS count, max(step) AS last FROM step',
    )
    .get()!
  const every = Math.max(1, Math.ceil(count / most))
  return db
    .prepare<[number, number], StepRecord>('SELECT * FROM step WHERE step % ? = 0 OR step = ? ORDER BY step')
    .all(every, last ?? 0)
}

/** Ascending: all, or the last `most`. */
export function readValidations(db: ReadDb, most = -1): ValidationRecord[] {
  type Row = Omit<ValidationRecord, 'densities' | 'marks'> & { densities: string; marks?: string | null }
  const rows = db
    .prepare<[number], Row>('SELECT * FROM validation ORDER BY step DESC LIMIT ?')
    .all(most)
    .reverse()
  return rows.map(({ densities, marks, ...row }) => ({
    ...row,
    densities: JSON.parse(densities) as number[],
    // what was trained before marks were looked at does not have the column
    marks: marks == null ? null : (JSON.parse(marks) as MarksShare),
  }))
}

/** The last one; null before the first, and for what was trained before there were any. */
export function readCheckup(db: ReadDb): CheckupRecord | null {
  const known = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'checkup'`).get()
  if (!known) return null
  const row = db
    .prepare<[], { step: number; findings: string }>('SELECT * FROM checkup ORDER BY step DESC LIMIT 1')
    .get()
  return row ? { step: row.step, findings: JSON.parse(row.findings) as Finding[] } : null
}
