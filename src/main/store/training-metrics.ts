// What every step of a training run told, at full resolution, in a database of the SAE's own.
import { type Migration, guarded, openForWriting, type ReadDb, type WriteDb } from './database.ts'

export const stepColumns = [
  'loss',
  'recon',
  'penalty',
  'fvu',
  'l0',
  'dead',
  'shrinkage',
  'gradient',
  'rate',
  'warm',
  'rowsPerSecond',
] as const
export type StepColumn = (typeof stepColumns)[number]
export type StepRecord = Readonly<Record<'step' | StepColumn, number>>

export const validationColumns = ['fvu', 'l0', 'dead', 'shrinkage', 'cosine'] as const
export type ValidationColumn = (typeof validationColumns)[number]
export type ValidationRecord = Readonly<Record<'step' | ValidationColumn, number>> & {
  /** Features by the tenth power of ten of their density, from 10⁻⁸ up, four bins each; those that never fired first. */
  readonly densities: readonly number[]
}

const migrations: readonly Migration[] = [
  {
    name: 'steps and validations',
    up: (db) =>
      db.exec(`
        CREATE TABLE step (step INTEGER PRIMARY KEY, ${stepColumns.map((name) => `${name} REAL`).join(', ')}) STRICT;
        CREATE TABLE validation (
          step INTEGER PRIMARY KEY, ${validationColumns.map((name) => `${name} REAL`).join(', ')},
          densities TEXT NOT NULL -- JSON
        ) STRICT;
      `),
  },
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
    })
  }

  steps(records: readonly StepRecord[]): void {
    const insert = this.#db.prepare(
      `INSERT OR REPLACE INTO step (step, ${stepColumns.join(', ')})
       VALUES (@step, ${stepColumns.map((name) => `@${name}`).join(', ')})`,
    )
    this.#guarded(() => this.#db.transaction(() => records.forEach((record) => insert.run(record)))())
  }

  validation({ densities, ...record }: ValidationRecord): void {
    this.#guarded(() =>
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO validation (step, ${validationColumns.join(', ')}, densities)
           VALUES (@step, ${validationColumns.map((name) => `@${name}`).join(', ')}, @densities)`,
        )
        .run({ ...record, densities: JSON.stringify(densities) }),
    )
  }

  /** Puts all into the one file, so that a copy that may not be written to opens. */
  finish(): void {
    this.#guarded(() => {
      this.#db.pragma('wal_checkpoint(TRUNCATE)')
      this.#db.pragma('journal_mode = DELETE')
    })
    this.close()
  }

  close(): void {
    if (this.#db.open) this.#db.close()
  }

  #guarded<T>(work: () => T): T {
    return guarded(this.#path, work)
  }
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

export function readValidations(db: ReadDb): ValidationRecord[] {
  const rows = db
    .prepare<[], Omit<ValidationRecord, 'densities'> & { densities: string }>(
      'SELECT * FROM validation ORDER BY step',
    )
    .all()
  return rows.map(({ densities, ...row }) => ({ ...row, densities: JSON.parse(densities) as number[] }))
}
