// The contract's prompt lab over the workspace's sets and runs, and the model that is held for interactive work.
import { basename } from 'node:path'
import type { Handlers } from '../../shared/contract/define.ts'
import type { promptLabContract } from '../../shared/contract/prompt-lab.ts'
import { promptFile } from '../../shared/prompt-lab.ts'
import { LabRuns, runLab } from '../features/lab/runs.ts'
import { PromptSets } from '../features/lab/sets.ts'
import { readSaeLensForm } from '../sae/exchange/saelens.ts'
import { hashSae } from '../sae/sae-hash.ts'
import type { WriteDb } from '../store/database.ts'
import { Emitter } from './emitter.ts'
import { type FeatureParts, modelOf } from './feature-handlers.ts'

export function labHandlers(db: WriteDb, parts: FeatureParts): Handlers<typeof promptLabContract> {
  const { workspace, indexes, engine } = parts
  const sets = new PromptSets(db, workspace.database)
  const runs = new LabRuns(db, workspace.database)
  const changed = new Emitter<undefined>()
  const all = async () => ({ sets: await sets.list(), runs: runs.list() })
  /** Told to who watches. */
  const tell = <T>(result: T): T => (changed.emit(undefined), result)
  return {
    'lab.watch': async (_none, sink, { signal }) => {
      sink.snapshot(await all())
      changed.listenUntil(
        signal,
        () =>
          void all().then(
            (now) => sink.delta(now),
            (error: unknown) => sink.end(error),
          ),
      )
    },
    'lab.set': async ({ id }) => (await sets.get(id)).set,
    'lab.saveSet': ({ id, set }) => tell(sets.save(id, set)),
    'lab.duplicateSet': async ({ id }) => tell(await sets.duplicate(id)),
    'lab.removeSet': ({ id }) => tell(sets.remove(id)),
    'lab.importSet': ({ text }) => tell(sets.import(text)),
    'lab.exportSet': async ({ id }) => {
      const { set } = await sets.get(id)
      return { name: set.name, text: promptFile(set) }
    },
    'lab.run': async ({ sae, a, b }, sink, { signal }) => {
      const [one, other] = [await sets.get(a), b === null ? null : await sets.get(b)]
      sink.snapshot({ done: 0, total: 0, run: null })
      const folder = await indexes.saeFolder(sae)
      const { form } = await readSaeLensForm(folder)
      const { model, hook } = await modelOf(folder, sae, parts)
      let last = { done: 0, total: 0 }
      const run = await runLab({
        sae: { id: basename(folder), hash: await hashSae(folder), features: form.F },
        ...{ a: one, b: other, signal },
        read: (text) =>
          engine.codes(
            { model, precision: 'auto' },
            { text, sae: folder, hook, features: undefined },
            signal,
          ),
        onProgress: (done, total) => {
          last = { done, total }
          sink.delta({ ...last, run: null })
        },
      })
      runs.save(run)
      tell(undefined)
      sink.delta({ ...last, run: run.id })
      sink.end()
    },
    'lab.result': ({ id }) => runs.get(id),
    'lab.removeResult': ({ id }) => tell(runs.remove(id)),
  }
}
