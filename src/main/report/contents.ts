// The contents of a report, read one piece after the other from where they lie, so that none but the current one is held.
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { hasFlag } from '../../shared/feature-flags.ts'
import type { FeatureNote } from '../../shared/feature-notes.ts'
import type { IndexManifest } from '../../shared/features.ts'
import { type LabRun, labTitle } from '../../shared/prompt-lab.ts'
import type { ReportSection } from '../../shared/report.ts'
import type { SteeringSession } from '../../shared/steering-sessions.ts'
import { FeatureIndex } from '../features/feature-index.ts'
import { featurePage } from '../features/feature-page.ts'
import { indexesOf } from '../features/index-folder.ts'
import { readLabRun } from '../features/lab/runs.ts'
import { bestLabel, readNotes } from '../features/notes.ts'
import { whichIndex } from '../features/which-index.ts'
import { openSaeFolder } from '../sae/exchange/read-sae.ts'
import { EVALUATION } from '../sae/sae-folder.ts'
import { trainingCurves } from '../sae/training-curves.ts'
import { readRun } from '../sae/run-facts.ts'
import { resolveArtifact } from '../store/artifact.ts'
import { guarded, openForReading, type ReadDb } from '../store/database.ts'
import { findSession, readRuns } from '../store/session-rows.ts'
import type { Workspace } from '../store/workspace.ts'
import type { Piece, ReportedIndex, ReportedTraining } from './piece.ts'
import { saeSource } from './sae-source.ts'
import { trainingTitle } from './words.ts'
import type { OutlinedPart } from './writer.ts'

/** Points of a curve; its shape stays. */
const POINTS = 400

export class ReportContents {
  readonly #workspace: Workspace
  readonly #sections: readonly ReportSection[]
  readonly #indexes = new Map<string, FeatureIndex>()
  readonly #notes = new Map<string, ReadonlyMap<number, FeatureNote>>()
  /** The features of each section; empty for those of another kind. */
  readonly #features: (readonly number[])[] = []
  #db: ReadDb | undefined

  private constructor(workspace: Workspace, sections: readonly ReportSection[]) {
    this.#workspace = workspace
    this.#sections = sections
  }

  /**
   * Looks at everything that is asked for before anything is written. Throws `sae/…`, `features/…`, `lab/no-run`,
   * `steering/no-session`, `report/empty`, `report/no-list`, `disk/…`.
   */
  static async open(workspace: Workspace, sections: readonly ReportSection[]): Promise<ReportContents> {
    if (sections.length === 0) {
      throw expected(
        'report/empty',
        'The report would hold nothing.',
        'Say what it is of: --sae S with --features 1,2,3 or --top 20, or --session ID.',
      )
    }
    const contents = new ReportContents(workspace, sections)
    try {
      for (const section of sections) contents.#features.push(await contents.#look(section))
      return contents
    } catch (error) {
      await contents.close()
      throw error
    }
  }

  get features(): number {
    return this.#features.reduce((sum, { length }) => sum + length, 0)
  }

  get sections(): number {
    return this.#sections.length
  }

  async close(): Promise<void> {
    for (const index of this.#indexes.values()) await index.close()
    this.#db?.close()
  }

  /** With what reads the weights of their SAEs. */
  async indexes(): Promise<ReportedIndex[]> {
    return Promise.all(
      [...this.#indexes.values()].map(async ({ folder, manifest }) => {
        const sae = dirname(dirname(folder))
        const parts = await openSaeFolder(sae).catch(() => null)
        const direction = parts && ((feature: number) => parts.read('W_dec', feature, 1))
        return { sae: basename(sae), manifest, direction }
      }),
    )
  }

  /** The titles of all parts, in order, with the features under them. */
  async outline(): Promise<OutlinedPart[]> {
    const outline: OutlinedPart[] = []
    for (const [at, section] of this.#sections.entries()) {
      const features = this.#features[at]!
      const notes = features.length > 0 && 'sae' in section ? await this.#notesOf(section.sae) : null
      outline.push({
        title: await this.#title(section),
        features: features.map((feature) => ({ feature, label: labelOf(notes?.get(feature)) })),
      })
    }
    return outline
  }

  async *pieces(): AsyncGenerator<Piece> {
    for (const [at, section] of this.#sections.entries()) {
      switch (section.kind) {
        case 'features':
        case 'list':
        case 'top':
          yield* this.#featuresOf(section, this.#features[at]!)
          break
        case 'training':
          yield await this.#training(section.sae)
          break
        case 'lab':
          yield* this.#lab(section.run)
          break
        case 'session':
          yield { kind: 'session', session: this.#session(section.session) }
      }
    }
  }

  /** What is needed to make it again: of each SAE its training, the harvest it was indexed on, and that index. */
  async sources(): Promise<unknown[]> {
    const saes = new Map<string, IndexManifest[]>()
    for (const section of this.#sections) {
      if (!('sae' in section)) continue
      const folder = await this.#folder(section.sae)
      saes.set(folder, saes.get(folder) ?? [])
    }
    for (const index of this.#indexes.values()) {
      for (const [folder, manifests] of saes) {
        if (index.folder.startsWith(indexesOf(folder))) manifests.push(index.manifest)
      }
    }
    return Promise.all([...saes].map(([folder, manifests]) => saeSource(folder, manifests)))
  }

  async #look(section: ReportSection): Promise<readonly number[]> {
    switch (section.kind) {
      case 'training':
        await this.#folder(section.sae)
        return []
      case 'lab':
        this.#run(section.run)
        return []
      case 'session':
        this.#session(section.session)
        return []
      case 'features': {
        const index = await this.#index(section)
        for (const feature of section.features) index.assertHas(feature)
        return section.features
      }
      case 'list':
        await this.#index(section)
        return this.#listed(section.sae, section.name)
      case 'top':
        return strongest(await this.#index(section), section.count)
    }
  }

  async #title(section: ReportSection): Promise<string> {
    switch (section.kind) {
      case 'features':
        return 'Features'
      case 'list':
        return section.name
      case 'top':
        return 'The strongest features'
      case 'training':
        return trainingTitle(basename(await this.#folder(section.sae)))
      case 'lab':
        return labTitle(this.#run(section.run))
      case 'session':
        return this.#session(section.session).name
    }
  }

  #folder(sae: string): Promise<string> {
    return resolveArtifact(this.#workspace.saes, sae, 'sae')
  }

  /** The index of the harvest that is named, or the newest. */
  async #index({ sae, harvest }: { readonly sae: string; readonly harvest?: string | undefined }) {
    const folder = await this.#folder(sae)
    const path = await whichIndex(folder, harvest)
    const known = this.#indexes.get(path)
    if (known) return known
    const index = await FeatureIndex.open(path)
    this.#indexes.set(path, index)
    return index
  }

  async #notesOf(sae: string): Promise<ReadonlyMap<number, FeatureNote>> {
    const folder = await this.#folder(sae)
    const known = this.#notes.get(folder)
    if (known) return known
    const notes = new Map(readNotes(folder).map((note) => [note.feature, note]))
    this.#notes.set(folder, notes)
    return notes
  }

  async #listed(sae: string, name: string): Promise<readonly number[]> {
    const notes = [...(await this.#notesOf(sae)).values()]
    const found = notes.filter(({ lists }) => lists.includes(name)).map(({ feature }) => feature)
    if (found.length > 0) return found
    throw expected(
      'report/no-list',
      `No feature of this SAE is in a list “${name}”.`,
      'Lists are made on the page of a feature.',
    )
  }

  async *#featuresOf(
    section: Extract<ReportSection, { harvest?: unknown }>,
    features: readonly number[],
  ): AsyncGenerator<Piece> {
    const index = await this.#index(section)
    const sae = basename(await this.#folder(section.sae))
    const notes = await this.#notesOf(section.sae)
    const { model, harvest } = index.manifest
    const title = await this.#title(section)
    yield { kind: 'heading', title, note: `SAE ${sae}, ${model.hook}, indexed on harvest ${harvest.id}` }
    for (const feature of features) {
      const note = notes.get(feature)
      const page = await featurePage(index, feature)
      yield { kind: 'feature', feature: { sae, label: labelOf(note), note, page } }
    }
  }

  async #training(sae: string): Promise<Piece> {
    const folder = await this.#folder(sae)
    const evaluation = await readFile(join(folder, EVALUATION), 'utf8').then(
      (text) => JSON.parse(text) as ReportedTraining['evaluation'],
      () => null,
    )
    const [run, curves] = [await readRun(folder), await trainingCurves(folder, POINTS)]
    return { kind: 'training', training: { sae: basename(folder), run, evaluation, curves } }
  }

  async *#lab(id: string): AsyncGenerator<Piece> {
    const run = this.#run(id)
    // the SAE may be gone; what the run found is not
    const notes = await this.#notesOf(run.sae.id).catch(() => new Map<number, FeatureNote>())
    const labels = [...notes].flatMap(([feature, note]): [number, string][] => {
      const label = bestLabel(note)
      return label === null ? [] : [[feature, label]]
    })
    yield { kind: 'lab', run, labels: new Map(labels) }
  }

  #run(id: string): LabRun {
    return readLabRun(this.#database(), this.#workspace.database, id)
  }

  #session(id: string): SteeringSession {
    return guarded(this.#workspace.database, () => {
      const db = this.#database()
      return { ...findSession(db, id), history: readRuns(db, id) }
    })
  }

  #database(): ReadDb {
    this.#db ??= openForReading(this.#workspace.database)
    return this.#db
  }
}

function labelOf(note: FeatureNote | undefined): string | null {
  return note ? bestLabel(note) : null
}

/** By their maxima, without dead and dense ones. */
function strongest({ columns, features }: FeatureIndex, count: number): number[] {
  const { max, flags, firings } = columns
  return Array.from({ length: features }, (_, feature) => feature)
    .filter((feature) => firings[feature]! > 0 && !hasFlag(flags[feature]!, 'dense'))
    .sort((a, b) => max[b]! - max[a]!)
    .slice(0, count)
}
