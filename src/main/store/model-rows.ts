// The registry of models: one row for each model folder that is or was in the workspace.
import { type Model, modelSchema } from '../../shared/models.ts'
import { expected } from '../../shared/errors.ts'
import type { ReadDb, WriteDb } from './database.ts'

interface ModelRow {
  readonly id: string
  readonly name: string
  readonly state: string
  readonly problem: string | null
  readonly checkpoint: string
  readonly own_bytes: number
  /** JSON. */
  readonly manifest: string
}

/** The newest first. */
export function listModels(db: ReadDb): Model[] {
  return db.prepare<[], ModelRow>('SELECT * FROM model ORDER BY imported_at DESC, id').all().map(toModel)
}

/** The model with this id or unique prefix; throws `models/unknown` or `models/ambiguous`. */
export function findModel(db: ReadDb, id: string): Model {
  const rows = db
    .prepare<{ id: string }, ModelRow>(
      `SELECT * FROM model WHERE id = @id OR substr(id, 1, length(@id)) = @id
       ORDER BY id = @id DESC LIMIT 2`,
    )
    .all({ id })
  const exact = rows[0]
  if (!exact || id === '') throw unknownModel(id)
  if (rows.length > 1 && exact.id !== id) throw ambiguousModel(id)
  return toModel(exact)
}

/** Inserts the model or overwrites its row. */
export function putModel(db: WriteDb, model: Model): void {
  const { id, name, hash, importedAt, state, problem, checkpoint, ownBytes, ...rest } = model
  db.prepare(
    `INSERT OR REPLACE INTO model (id, name, hash, imported_at, state, problem, checkpoint, own_bytes, manifest)
     VALUES (@id, @name, @hash, @importedAt, @state, @problem, @checkpoint, @ownBytes, @manifest)`,
  ).run({
    ...{ id, name, hash, importedAt, state, problem, checkpoint, ownBytes },
    manifest: JSON.stringify({ name, hash, importedAt, ...rest }),
  })
}

/** Removes the row (not the files). */
export function deleteModel(db: WriteDb, id: string): void {
  db.prepare('DELETE FROM model WHERE id = ?').run(id)
}

export function unknownModel(id: string): Error {
  return expected('models/unknown', `There is no model "${id}".`, 'List the models to see their ids.')
}

export function ambiguousModel(id: string): Error {
  return expected('models/ambiguous', `More than one model begins with "${id}".`, 'Give more of the id.')
}

function toModel(row: ModelRow): Model {
  return modelSchema.parse({
    ...(JSON.parse(row.manifest) as object),
    id: row.id,
    state: row.state,
    problem: row.problem,
    checkpoint: row.checkpoint,
    ownBytes: row.own_bytes,
  })
}
