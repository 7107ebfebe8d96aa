// An index of features that is read: its manifest, its table, where contexts lie, and how tokens are spelled.
// Letters: F features, S strata, L languages.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expected } from '../../shared/errors.ts'
import { type IndexManifest, indexManifestSchema } from '../../shared/features.ts'
import type { Vocabulary } from '../llama/token-text.ts'
import { ArrowFile } from '../store/arrow-file.ts'
import { guarded, openForReading, type ReadDb } from '../store/database.ts'
import { explained } from '../store/io-error.ts'
import { placeOf } from './ascending.ts'
import { type CodePiece, CodesFile } from './codes.ts'
import { CONTEXTS, DATABASE, firingsFile, INDEX_FORMAT, MANIFEST, TABLE } from './index-folder.ts'
import { type Parts, partsBy } from './group-parts.ts'
import type { ContextPlaces } from './survey.ts'

/** The columns of features.arrow; each is (F), or as wide as it says. */
export interface FeatureColumns {
  readonly firings: Uint32Array
  readonly contexts: Uint32Array
  readonly bucket: Uint32Array
  readonly first: Uint32Array
  readonly density: Float32Array
  readonly max: Float32Array
  readonly mean: Float32Array
  readonly decoder_norm: Float32Array
  readonly token: Int32Array
  readonly flags: Uint16Array
  /** (F, 16) */
  readonly spark: Uint8Array
  /** (F, S) and (F, L) */
  readonly by_stratum: Float32Array
  readonly by_language: Float32Array
}

/** Files of codes that are held open while nobody reads them. */
const MOST_OPEN = 32

interface OpenFile {
  readonly file: Promise<CodesFile>
  users: number
}

export class FeatureIndex {
  readonly folder: string
  readonly manifest: IndexManifest
  readonly db: ReadDb
  readonly columns: FeatureColumns
  readonly contexts: ContextPlaces
  readonly strata: Parts
  readonly languages: Parts
  readonly vocabulary: Vocabulary
  /** False where nothing spells tokens. */
  readonly spells: boolean
  /** The one that was read last comes last. */
  readonly #open = new Map<number, OpenFile>()

  private constructor(folder: string, manifest: IndexManifest, db: ReadDb, tables: Tables) {
    this.folder = folder
    this.manifest = manifest
    this.db = db
    this.columns = tables.columns
    this.contexts = tables.contexts
    this.strata = partsBy(manifest.groups, 'stratum')
    this.languages = partsBy(manifest.groups, 'language')
    this.spells = db.prepare('SELECT 1 FROM token LIMIT 1').get() !== undefined
    this.vocabulary = new StoredVocabulary(db, manifest.beginsWithSpace)
  }

  /** Throws `features/outdated`, `features/damaged`, `disk/…`, `arrow/damaged`. */
  static async open(folder: string): Promise<FeatureIndex> {
    const manifest = await readIndexManifest(folder)
    const path = join(folder, DATABASE)
    const db = openForReading(path)
    try {
      const columns = (await columnsIn(join(folder, TABLE))) as unknown as FeatureColumns
      const contexts = (await columnsIn(join(folder, CONTEXTS))) as unknown as ContextPlaces
      return guarded(path, () => new FeatureIndex(folder, manifest, db, { columns, contexts }))
    } catch (error) {
      db.close()
      throw error
    }
  }

  /** F */
  get features(): number {
    return this.manifest.sae.features
  }

  /** The place of a context among those that are indexed; −1 for one that is not. */
  placeOf(context: number): number {
    return placeOf(this.contexts.context, context)
  }

  /** All rows of the context at a place, with their codes. Throws `disk/…`, `arrow/damaged`. */
  async piece(place: number): Promise<CodePiece> {
    const { shard, row, tokens } = this.contexts
    const open = this.#file(shard[place]!)
    open.users++
    try {
      return (await open.file).read(row[place]!, tokens[place]!)
    } finally {
      open.users--
    }
  }

  /** The contexts in which a feature fires, ascending, with its greatest activation there. */
  async firedContexts(feature: number): Promise<{
    readonly context: Uint32Array
    readonly position: Uint16Array
    readonly value: Float16Array
  }> {
    const { bucket, first, contexts } = this.columns
    const file = await ArrowFile.open(join(this.folder, firingsFile(bucket[feature]!)))
    try {
      const read = (name: string) => file.read(name, first[feature]!, contexts[feature]!)
      const [context, position, value] = await Promise.all([read('context'), read('position'), read('value')])
      return { context, position, value } as never
    } finally {
      await file.close()
    }
  }

  /** Throws `features/unknown` for a feature there is none of. */
  assertHas(feature: number): void {
    if (feature < this.features) return
    throw expected(
      'features/unknown',
      `There is no feature ${feature}: they are numbered from 0 to ${this.features - 1}.`,
      'Choose one of these.',
    )
  }

  async close(): Promise<void> {
    this.db.close()
    for (const { file } of this.#open.values()) await (await file).close()
  }

  #file(shard: number): OpenFile {
    const open = this.#open.get(shard) ?? { file: CodesFile.open(this.folder, shard), users: 0 }
    this.#open.delete(shard)
    this.#open.set(shard, open)
    open.file.catch(() => this.#open.delete(shard))
    for (const [other, { file, users }] of this.#open) {
      if (this.#open.size <= MOST_OPEN) break
      if (users > 0 || other === shard) continue
      this.#open.delete(other)
      void file.then((idle) => idle.close())
    }
    return open
  }
}

interface Tables {
  readonly columns: FeatureColumns
  readonly contexts: ContextPlaces
}

/** Throws `features/outdated`, `features/damaged`, `disk/…`. */
export async function readIndexManifest(folder: string): Promise<IndexManifest> {
  const path = join(folder, MANIFEST)
  const text = await explained(path, () => readFile(path, 'utf8'))
  let format: unknown
  try {
    const json = JSON.parse(text) as { readonly format?: unknown }
    format = json.format
    if (format === INDEX_FORMAT) return indexManifestSchema.parse(json)
  } catch (error) {
    throw expected(
      'features/damaged',
      `${path} is no manifest of an index.`,
      'Index the SAE again: monoscope index --sae S.',
      error,
    )
  }
  throw expected(
    'features/outdated',
    `${folder} was written by another version of Monoscope (format ${String(format)}; this one writes ${INDEX_FORMAT}).`,
    'Index the SAE again: monoscope index --sae S.',
  )
}

async function columnsIn(path: string): Promise<Record<string, unknown>> {
  const file = await ArrowFile.open(path)
  try {
    const columns: Record<string, unknown> = {}
    for (const { name } of file.columns) columns[name] = await file.read(name, 0, file.rows)
    return columns
  } finally {
    await file.close()
  }
}

interface StoredToken {
  readonly bytes: Uint8Array
  readonly special: boolean
  readonly ascii: string | null
}

/** Tokens as the index keeps them; each is read once. */
class StoredVocabulary implements Vocabulary {
  readonly beginsWithSpace: boolean
  readonly #known = new Map<number, StoredToken>()
  readonly #find

  constructor(db: ReadDb, beginsWithSpace: boolean) {
    this.beginsWithSpace = beginsWithSpace
    this.#find = db.prepare<[number], { bytes: Uint8Array; special: number }>(
      'SELECT bytes, special FROM token WHERE id = ?',
    )
  }

  bytesOf(id: number): Uint8Array {
    return this.#token(id).bytes
  }

  isSpecial(id: number): boolean {
    return this.#token(id).special
  }

  asciiOf(id: number): string | null {
    return this.#token(id).ascii
  }

  #token(id: number): StoredToken {
    let known = this.#known.get(id)
    if (!known) {
      const found = this.#find.get(id)
      const bytes = found?.bytes ?? new Uint8Array()
      const ascii = bytes.every((byte) => byte < 0x80) ? String.fromCharCode(...bytes) : null
      known = { bytes, special: found?.special === 1, ascii }
      this.#known.set(id, known)
    }
    return known
  }
}
