// Steering sessions as rows, and the runs that are kept of each.
import { expected } from '../../shared/errors.ts'
import {
  MOST_RUNS,
  type PastRun,
  pastRunSchema,
  type SessionSummary,
  type SteeringSession,
  type SteeringSetup,
  steeringSetupSchema,
} from '../../shared/steering-sessions.ts'
import type { ReadDb, WriteDb } from './database.ts'

interface SessionRow {
  readonly id: string
  readonly name: string
  readonly created_at: number
  readonly changed_at: number
  /** JSON. */
  readonly setup: string
  readonly runs: number
}

export interface StoredSession {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly changedAt: number
  readonly setup: SteeringSetup
}

/** Characters of a prompt that lists show. */
const SHOWN = 200

const SELECT = `
  SELECT steering_session.*, (SELECT count(*) FROM steering_run WHERE session = steering_session.id) AS runs
  FROM steering_session`

/** The last changed first. */
export function listSessions(db: ReadDb): SessionSummary[] {
  return db
    .prepare<[], SessionRow>(`${SELECT} ORDER BY changed_at DESC, id`)
    .all()
    .map((row) => {
      const { id, name, createdAt, changedAt, setup } = toSession(row)
      const { sae, prompt, interventions } = setup
      const text = typeof prompt === 'string' ? prompt : (prompt.at(-1)?.content ?? '')
      return {
        ...{ id, name, createdAt, changedAt, sae, interventions, runs: row.runs },
        prompt: text.slice(0, SHOWN),
      }
    })
}

/** Throws `steering/no-session`. */
export function findSession(db: ReadDb, id: string): StoredSession {
  const row = db.prepare<[string], SessionRow>(`${SELECT} WHERE id = ?`).get(id)
  if (row) return toSession(row)
  throw expected('steering/no-session', `There is no session "${id}".`, 'It may have been removed.')
}

/** The newest first. */
export function readRuns(db: ReadDb, session: string): SteeringSession['history'] {
  return db
    .prepare<[string], { id: number; content: string }>(
      'SELECT id, content FROM steering_run WHERE session = ? ORDER BY id DESC',
    )
    .all(session)
    .map(({ id, content }) => ({ ...pastRunSchema.parse(JSON.parse(content)), id }))
}

/** Inserts the session or overwrites its row; its runs stay. */
export function putSession(db: WriteDb, { id, name, createdAt, changedAt, setup }: StoredSession): void {
  db.prepare(
    `INSERT INTO steering_session (id, name, created_at, changed_at, setup)
     VALUES (@id, @name, @createdAt, @changedAt, @setup)
     ON CONFLICT (id) DO UPDATE SET name = @name, changed_at = @changedAt, setup = @setup`,
  ).run({ id, name, createdAt, changedAt, setup: JSON.stringify(setup) })
}

export function deleteSession(db: WriteDb, id: string): void {
  db.prepare('DELETE FROM steering_session WHERE id = ?').run(id)
}

/** Its id; the oldest runs of the session go when there are too many. */
export function addRun(db: WriteDb, session: string, run: PastRun): number {
  const { lastInsertRowid } = db
    .prepare('INSERT INTO steering_run (session, content) VALUES (?, ?)')
    .run(session, JSON.stringify(run))
  db.prepare(
    `DELETE FROM steering_run WHERE session = @session AND id NOT IN
       (SELECT id FROM steering_run WHERE session = @session ORDER BY id DESC LIMIT ${MOST_RUNS})`,
  ).run({ session })
  return Number(lastInsertRowid)
}

export function deleteRun(db: WriteDb, session: string, run: number): void {
  db.prepare('DELETE FROM steering_run WHERE session = ? AND id = ?').run(session, run)
}

function toSession(row: SessionRow): StoredSession {
  return {
    ...{ id: row.id, name: row.name, createdAt: row.created_at, changedAt: row.changed_at },
    setup: steeringSetupSchema.parse(JSON.parse(row.setup)),
  }
}
