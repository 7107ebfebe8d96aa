// The contract's features over the indexes of SAEs, the notes beside them, and the model that is held for interactive work.
import { userInfo } from 'node:os'
import { basename, join } from 'node:path'
import type { Handlers } from '../../shared/contract/define.ts'
import type { featuresContract } from '../../shared/contract/features.ts'
import { expected } from '../../shared/errors.ts'
import type { FeatureNote } from '../../shared/feature-notes.ts'
import { readHarvest, resolveHarvest } from '../activations/harvest-folder.ts'
import { memoryLimit } from '../compute/memory-limit.ts'
import { indexMemory, indexSize, likelyL0 } from '../features/index-size.ts'
import { annotate, bestLabel, NOTES, readNotes } from '../features/notes.ts'
import { readSaeLensForm } from '../sae/exchange/saelens.ts'
import { readRun } from '../sae/run-facts.ts'
import { stampOf } from '../store/stamp.ts'
import { freeBytes, type Workspace } from '../store/workspace.ts'
import { Emitter } from './emitter.ts'
import type { FeatureIndexes } from './feature-indexes.ts'
import type { ModelsEngine } from './models-engine.ts'

export interface FeatureParts {
  readonly workspace: Workspace
  readonly indexes: FeatureIndexes
  readonly engine: Pick<ModelsEngine, 'codes'>
  /** The folder of the checkpoint with that hash, or of that name outside of workspaces; null where there is none. */
  readonly modelWith: (model: { readonly hash: string; readonly name: string }) => string | null
}

export function featureHandlers(parts: FeatureParts): Handlers<typeof featuresContract> {
  const { workspace, indexes, engine } = parts
  const notes = new Notes()
  const labelsOf = async (sae: string) => notes.labels(await indexes.saeFolder(sae))
  return {
    'features.indexes': ({ sae }) => indexes.list(sae),
    'features.plan': async ({ sae, harvest, maxRows }) => {
      const folder = await indexes.saeFolder(sae)
      const run = await readRun(folder)
      const { form } = await readSaeLensForm(folder)
      const wanted = harvest ?? run?.harvest?.path
      if (wanted === undefined) throw noHarvest()
      const { ledger } = await readHarvest(await resolveHarvest(workspace.harvests, wanted))
      const share = Math.min(1, maxRows / ledger.rows)
      const l0 = likelyL0(form, run?.validation?.l0)
      const { kept, meanwhile } = indexSize({ rows: ledger.rows * share, l0, F: form.F })
      return {
        ...{
          rows: Math.round(ledger.rows * share),
          contexts: Math.round(ledger.contexts * share),
          share,
          l0,
        },
        disk: { bytes: kept, meanwhile: kept + meanwhile, freeBytes: await freeBytes(workspace) },
        memory: { bytes: indexMemory(form), limit: memoryLimit() },
      }
    },
    'features.removeIndex': async ({ sae, harvest }) => ({ freedBytes: await indexes.remove(sae, harvest) }),
    'features.table': (place) => indexes.read(place, (reader) => reader.read('table', [])),
    'features.feature': ({ feature, ...place }) =>
      indexes.read(place, (reader) => reader.read('feature', [feature])),
    'features.context': ({ context, features, ...place }) =>
      indexes.read(place, (reader) => reader.read('context', [context, features])),
    'features.firings': ({ sae, harvest, ...query }) =>
      indexes.read({ sae, harvest }, (reader) => reader.read('firings', [query])),
    'features.search': async (query, { signal }) => {
      const labels = await labelsOf(query.sae)
      return indexes.read(query, async (reader) => {
        const harvest = await indexes.harvestIndex(await reader.read('manifest', []))
        return reader.read('search', [harvest, query, labels], signal)
      })
    },
    'features.byLabel': async ({ text, limit, ...place }) => {
      const labels = await labelsOf(place.sae)
      return indexes.read(place, (reader) => reader.read('byLabel', [text, limit, labels]))
    },
    'features.byToken': async ({ token, limit, ...place }) => {
      const labels = await labelsOf(place.sae)
      return indexes.read(place, (reader) => reader.read('byToken', [token, limit, labels]))
    },
    'features.tokens': ({ text, limit, ...place }) =>
      indexes.read(place, (reader) => reader.read('tokens', [text, limit])),
    'features.read': async ({ sae, text, features }, { signal }) => {
      const folder = await indexes.saeFolder(sae)
      const { model, hook } = await modelOf(folder, sae, parts)
      return engine.codes({ model, precision: 'auto' }, { text, sae: folder, hook, features }, signal)
    },
    'features.watchNotes': async ({ sae }, sink, { signal }) => {
      const folder = await indexes.saeFolder(sae)
      sink.snapshot([...(await notes.all(folder))])
      notes.changed.listenUntil(signal, (change) => {
        if (change.folder === folder) sink.delta([change.note])
      })
    },
    'features.notes': async ({ sae }) => [...(await notes.all(await indexes.saeFolder(sae)))],
    'features.annotate': async (change) => {
      const folder = await indexes.saeFolder(change.sae)
      const { form } = await readSaeLensForm(folder)
      if (change.feature >= form.F) throw unknownFeature(change.feature, form.F)
      return notes.change(folder, change)
    },
  }
}

/** Notes by the folder of their SAE, read again when their file has changed. */
class Notes {
  readonly changed = new Emitter<{ readonly folder: string; readonly note: FeatureNote }>()
  readonly #known = new Map<string, { readonly stamp: string; readonly notes: readonly FeatureNote[] }>()

  async all(folder: string): Promise<readonly FeatureNote[]> {
    const stamp = await stampOf(join(folder, NOTES))
    const known = this.#known.get(folder)
    if (known?.stamp === stamp) return known.notes
    const notes = readNotes(folder)
    this.#known.set(folder, { stamp, notes })
    return notes
  }

  async labels(folder: string): Promise<ReadonlyMap<number, string>> {
    const labelled = (await this.all(folder)).flatMap((note): [number, string][] => {
      const label = bestLabel(note)
      return label === null ? [] : [[note.feature, label]]
    })
    return new Map(labelled)
  }

  change(folder: string, change: Parameters<typeof annotate>[1]): FeatureNote {
    const note = annotate(folder, change, userInfo().username, Date.now())
    this.#known.delete(folder)
    this.changed.emit({ folder, note })
    return note
  }
}

/** The model that an SAE reads, and where: by the newest index, else by how it was trained. Throws `features/no-model`. */
export async function modelOf(
  folder: string,
  sae: string,
  { indexes, modelWith }: FeatureParts,
): Promise<{ readonly model: string; readonly hook: string }> {
  const index = (await indexes.list(sae)).find(({ manifest }) => manifest !== null)?.manifest?.model
  const run = await readRun(folder)
  const known = index ?? run?.model
  if (!known) {
    throw expected(
      'features/no-model',
      `Nothing says which model the SAE ${basename(folder)} reads.`,
      'Index it on a harvest of that model first.',
    )
  }
  const here = modelWith(known)
  if (here !== null) return { model: here, hook: known.hook }
  throw expected(
    'features/no-model',
    `The model ${known.name}, which the SAE ${basename(folder)} reads, is not in this workspace.`,
    'Import it: monoscope import PATH.',
  )
}

function noHarvest() {
  return expected(
    'features/no-harvest',
    'This SAE was not trained on a harvest, so it must be said which rows are indexed.',
    'Name a harvest.',
  )
}

function unknownFeature(feature: number, features: number) {
  return expected(
    'features/unknown',
    `There is no feature ${feature}: they are numbered from 0 to ${features - 1}.`,
    'Choose one of these.',
  )
}
