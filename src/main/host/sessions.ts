// The steering sessions of a workspace: saved under names, compared, and shared as files.
import { randomBytes } from 'node:crypto'
import { issueText } from '../../shared/config.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import {
  LONGEST_NAME,
  type PastRun,
  type SessionFile,
  sessionFileSchema,
  type SessionSummary,
  type SteeringSession,
  type SteeringSetup,
} from '../../shared/steering-sessions.ts'
import { parseBoundedJson } from '../llama/bounded-json.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import {
  addRun,
  deleteRun,
  deleteSession,
  findSession,
  listSessions,
  putSession,
  readRuns,
  type StoredSession,
} from '../store/session-rows.ts'
import { Emitter } from './emitter.ts'

const UNNAMED = 'Session'
/** A setup is a few levels deep, and 200 runs of 64 texts each have no more values. */
const FILE_LIMITS = { depth: 12, values: 2_000_000 }

export class Sessions {
  /** The whole list, whenever it has changed. */
  readonly changed = new Emitter<readonly SessionSummary[]>()
  readonly #db: WriteDb
  readonly #path: string

  /** `path` is the database's, for errors. */
  constructor(db: WriteDb, path: string) {
    this.#db = db
    this.#path = path
  }

  list(): SessionSummary[] {
    return listSessions(this.#db)
  }

  /** Throws `steering/no-session`; so do all that name one. */
  get(id: string): SteeringSession {
    return { ...findSession(this.#db, id), history: readRuns(this.#db, id) }
  }

  /** Without an id a new one, which needs a setup (`steering/no-setup`) and can have a history. */
  save({
    id,
    name,
    setup,
    history,
  }: {
    readonly id?: string | undefined
    readonly name?: string | undefined
    readonly setup?: SteeringSetup | undefined
    readonly history?: readonly PastRun[] | undefined
  }): SessionSummary {
    const before = id === undefined ? undefined : findSession(this.#db, id)
    const whole = setup ?? before?.setup
    if (!whole) {
      throw expected('steering/no-setup', 'A new session needs a setup.', 'Choose an SAE and a prompt first.')
    }
    if (!before) return this.#putWhole({ name: name ?? UNNAMED, setup: whole, history: history ?? [] })
    return this.#put({ ...before, name: name ?? before.name, setup: whole })
  }

  duplicate(id: string): SessionSummary {
    const { name, setup, history } = this.get(id)
    return this.#putWhole({ name: copyName(name), setup, history })
  }

  remove(id: string): void {
    this.#write(() => deleteSession(this.#db, findSession(this.#db, id).id))
  }

  /** Its id in the history. */
  addRun(session: string, run: PastRun): number {
    const before = findSession(this.#db, session)
    return this.#write(() => {
      putSession(this.#db, { ...before, changedAt: Date.now() })
      return addRun(this.#db, session, run)
    })
  }

  removeRun(session: string, run: number): void {
    this.#write(() => deleteRun(this.#db, findSession(this.#db, session).id, run))
  }

  compare(a: string, b: string): { name: string; a: string; b: string }[] {
    const of = (id: string) => flat(findSession(this.#db, id).setup)
    const [left, right] = [of(a), of(b)]
    const names = new Set([...left.keys(), ...right.keys()])
    return [...names]
      .map((name) => ({ name, a: left.get(name) ?? '–', b: right.get(name) ?? '–' }))
      .filter((pair) => pair.a !== pair.b)
  }

  export(id: string): { name: string; text: string } {
    const { name, setup, history } = this.get(id)
    const file: SessionFile = {
      ...{ format: 1, kind: 'steering-session', name, setup },
      history: history.map(({ id: _, ...run }) => run),
    }
    return { name: fileName(name), text: `${JSON.stringify(file, undefined, 2)}\n` }
  }

  /** A new session of a file. Throws `steering/session-file` with what is wrong with it. */
  import(text: string): SessionSummary {
    return this.#putWhole(readFile(text))
  }

  #putWhole({
    name,
    setup,
    history,
  }: Pick<SessionFile, 'name' | 'setup'> & { readonly history: readonly PastRun[] }): SessionSummary {
    const session = fresh(name, setup)
    this.#write(() => {
      putSession(this.#db, session)
      for (const run of [...history].reverse()) addRun(this.#db, session.id, run)
    })
    return this.#summary(session.id)
  }

  #put(session: StoredSession): SessionSummary {
    this.#write(() => putSession(this.#db, { ...session, changedAt: Date.now() }))
    return this.#summary(session.id)
  }

  #summary(id: string): SessionSummary {
    return this.list().find((session) => session.id === id)!
  }

  #write<T>(work: () => T): T {
    const result = guarded(this.#path, () => this.#db.transaction(work)())
    this.changed.emit(this.list())
    return result
  }
}

/** Every setting by its path, as people read it. */
function flat(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null) return new Map([[path, String(value)]])
  const entries = Object.entries(value).flatMap(([key, inner]) => [
    ...flat(inner, path === '' ? key : `${path}.${key}`),
  ])
  return new Map(entries)
}

function fresh(name: string, setup: SteeringSetup): StoredSession {
  const now = Date.now()
  return { id: randomBytes(5).toString('hex'), name, createdAt: now, changedAt: now, setup }
}

function copyName(name: string): string {
  const end = ' (copy)'
  return name.slice(0, LONGEST_NAME - end.length) + end
}

/** Of letters, digits and hyphens, whatever the session is called. */
function fileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-+|-+$/g, '')
  return `${plain.slice(0, 80) || 'session'}.steering.json`
}

function readFile(text: string): SessionFile {
  try {
    const json = parseBoundedJson(new TextEncoder().encode(text), { source: 'it', ...FILE_LIMITS })
    const parsed = sessionFileSchema.safeParse(json)
    if (parsed.success) return parsed.data
    throw notASession(issueText(parsed.error))
  } catch (error) {
    if (!(error instanceof MonoscopeError) || error.code === 'steering/session-file') throw error
    throw notASession(error.message)
  }
}

function notASession(why: string) {
  const short = why.length > 300 ? `${why.slice(0, 300)}…` : why
  return expected(
    'steering/session-file',
    `This is no file of a steering session: ${short}`,
    'Choose a file that was saved with "Share as a file", by this version or an older one.',
  )
}
