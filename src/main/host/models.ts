// The registry of models: follows the folders of the workspace, and tells what became of each.
import { join } from 'node:path'
import { type ErrorData, expected, toErrorData } from '../../shared/errors.ts'
import type { Model } from '../../shared/models.ts'
import { Turns } from '../../shared/turns.ts'
import { scanModels, standing } from '../llama/library/library.ts'
import { readManifest, writeManifest } from '../llama/library/manifest.ts'
import { guarded, type WriteDb } from '../store/database.ts'
import { removeFolder } from '../store/folder.ts'
import { deleteModel, findModel, listModels, putModel } from '../store/model-rows.ts'
import type { Workspace } from '../store/workspace.ts'
import { Emitter } from './emitter.ts'

interface ModelsOptions {
  readonly db: WriteDb
  readonly workspace: Workspace
  readonly onProblem: (problem: ErrorData) => void
}

export class Models {
  /** The whole list, whenever it has changed. */
  readonly changed = new Emitter<readonly Model[]>()
  readonly #options: ModelsOptions
  /** One look after the other: two at once would write what the other has seen change. */
  readonly #turns = new Turns()
  #told = ''

  constructor(options: ModelsOptions) {
    this.#options = options
  }

  /** The newest first. */
  list(): Model[] {
    return listModels(this.#options.db)
  }

  /** By id or unique prefix; throws `models/unknown`, `models/ambiguous`. */
  get(id: string): Model {
    return findModel(this.#options.db, id)
  }

  /** Makes the registry what the folders say; a model whose folder is gone stays, as missing. Never rejects. */
  reconcile(): Promise<void> {
    return this.#turns.next(async () => {
      try {
        await this.#reconcile()
      } catch (error) {
        this.#options.onProblem(toErrorData(error))
      }
    })
  }

  /** Resolves with the model under its new name. */
  async rename(id: string, name: string): Promise<Model> {
    const model = this.get(id)
    const folder = this.#folder(model.id)
    await this.#turns.next(async () => writeManifest(folder, { ...(await readManifest(folder)), name }))
    await this.reconcile()
    return this.get(model.id)
  }

  /** Resolves with the bytes that freed. What was linked is outside its folder and stays. */
  async remove(id: string): Promise<number> {
    const model = this.get(id)
    const folder = this.#folder(model.id)
    const freed = await this.#turns.next(async () => {
      const bytes = await removeFolder(folder)
      this.#write(() => deleteModel(this.#options.db, model.id))
      return bytes
    })
    this.#tell()
    return freed
  }

  /** Resolves once nothing writes any more. */
  close(): Promise<void> {
    return this.#turns.next(() => Promise.resolve())
  }

  async #reconcile(): Promise<void> {
    const { db, workspace, onProblem } = this.#options
    const { models, damaged } = await scanModels(workspace.models)
    const known = new Map(listModels(db).map((model) => [model.id, model]))
    const seen = new Set(models.map(({ id }) => id))
    const gone: Model[] = []
    for (const [id, model] of known) {
      if (seen.has(id)) continue
      const problem = damaged.find((folder) => folder.id === id)?.problem
      gone.push({
        ...model,
        state: problem === undefined ? 'missing' : 'changed',
        problem: problem ?? (await standing(this.#folder(id), model)).problem ?? `Its folder ${id} is gone.`,
        ownBytes: 0,
      })
    }
    this.#write(() => {
      for (const model of [...models, ...gone]) putModel(db, model)
    })
    for (const { id, problem } of damaged) {
      if (!known.has(id))
        onProblem(toErrorData(expected('models/manifest', problem, 'Import the model again.')))
    }
    this.#tell()
  }

  /** Says what is new; a look that found nothing new is not told. */
  #tell(): void {
    const list = this.list()
    const text = JSON.stringify(list)
    if (text === this.#told) return
    this.#told = text
    this.changed.emit(list)
  }

  #write(work: () => void): void {
    const { db, workspace } = this.#options
    guarded(workspace.database, () => db.transaction(work)())
  }

  #folder(id: string): string {
    return join(this.#options.workspace.models, id)
  }
}
