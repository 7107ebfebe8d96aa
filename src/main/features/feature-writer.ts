// Writes the database of an index, with how far it is in the same transaction.
import type { Flagged } from '../../shared/feature-flags.ts'
import { foldText } from '../activations/fold-text.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import { guarded, leaveOneFile, openForWriting, type WriteDb } from '../store/database.ts'
import {
  exampleBytes,
  type LogitEffects,
  logitBytes,
  type Near,
  nearBytes,
  tokenBytes,
  type Together,
  togetherBytes,
  wholeBytes,
} from './blobs.ts'
import type { ChosenExamples } from './choose-examples.ts'
import type { Described } from './describe-feature.ts'
import { featureMigrations } from './feature-schema.ts'

/** How far an index is: all but the first pass, whose files tell. */
export interface IndexProgress {
  /** Buckets that are described. */
  readonly buckets?: number
  /** Features whose companions are counted, and whose direction is compared. */
  readonly together?: number
  readonly directions?: number
  readonly aligned?: boolean
}

export interface NewFeature extends Omit<
  Described,
  'contexts' | 'tokenShare' | 'marksShare' | 'earlyShare' | 'repeatedShare'
> {
  readonly id: number
  readonly apart: number
  /** In which it fires. */
  readonly contexts: number
  readonly bucket: number
  readonly first: number
  readonly flags: readonly Flagged[]
  readonly examples: ChosenExamples
}

export class FeatureWriter {
  readonly #path: string
  readonly #db: WriteDb

  /** Opens or makes the database at `path`. Throws `disk/…`. */
  constructor(path: string) {
    this.#path = path
    this.#db = openForWriting(path, featureMigrations)
    this.#db.pragma('cache_size = -8192')
  }

  progress(): IndexProgress {
    const text = this.#db.prepare<[], string>('SELECT progress FROM state').pluck().get()!
    return JSON.parse(text) as IndexProgress
  }

  /** All of `work`, and how far that gets it, or nothing. Throws `disk/…`. */
  commit(progress: IndexProgress, work: () => void): void {
    guarded(this.#path, () =>
      this.#db.transaction(() => {
        work()
        const all = JSON.stringify({ ...this.progress(), ...progress })
        this.#db.prepare('UPDATE state SET progress = ?').run(all)
      })(),
    )
  }

  add(features: readonly NewFeature[]): void {
    const insert = this.#db.prepare(
      `INSERT INTO feature (id, firings, apart, contexts, bucket, first, max, mean, token, flags,
         histogram, by_group, by_position, examples, tokens)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const strong = this.#db.prepare('INSERT INTO strong_token VALUES (?, ?, ?)')
    for (const feature of features) {
      const { id, firings, apart, contexts, bucket, first, max, mean, token } = feature
      insert.run(
        ...[id, firings, apart, contexts, bucket, first, max, mean, token],
        ...[JSON.stringify(feature.flags), wholeBytes(feature.histogram), wholeBytes(feature.byGroup)],
        ...[wholeBytes(feature.byPosition), exampleBytes(feature.examples)],
        tokenBytes([feature.byMean, feature.byCount]),
      )
      for (const { id: its, share } of feature.bySum) strong.run(its, id, share)
    }
  }

  together(feature: number, sample: number, together: readonly Together[]): void {
    this.#db
      .prepare('UPDATE feature SET together = ?, sample = ? WHERE id = ?')
      .run(togetherBytes(together), sample, feature)
  }

  direction(feature: number, norm: number, near: readonly Near[], logits: LogitEffects | null): void {
    this.#db
      .prepare('UPDATE feature SET decoder_norm = ?, near = ?, logits = ? WHERE id = ?')
      .run(norm, nearBytes(near), logits && logitBytes(logits), feature)
  }

  flags(feature: number): Flagged[] {
    const text = this.#db
      .prepare<[number], string>('SELECT flags FROM feature WHERE id = ?')
      .pluck()
      .get(feature)!
    return JSON.parse(text) as Flagged[]
  }

  /** The greatest activation of each feature, in order. */
  maxima(): number[] {
    return this.#db.prepare<[], number>('SELECT max FROM feature ORDER BY id').pluck().all()
  }

  setFlags(feature: number, flags: readonly Flagged[]): void {
    this.#db.prepare('UPDATE feature SET flags = ? WHERE id = ?').run(JSON.stringify(flags), feature)
  }

  /** How the tokens of the vocabulary are spelled, and in how many rows that count each is. */
  tokens(tokenizer: Pick<Tokenizer, 'bytesOf' | 'isSpecial'>, rows: Uint32Array, vocabulary: number): void {
    const insert = this.#db.prepare('INSERT OR REPLACE INTO token VALUES (?, ?, ?, ?, ?)')
    for (let id = 0; id < vocabulary; id++) {
      const bytes = tokenizer.bytesOf(id)
      if (bytes.length === 0) continue
      insert.run(id, bytes, searchable(bytes), tokenizer.isSpecial(id) ? 1 : 0, rows[id] ?? 0)
    }
  }

  /** Puts all into the one file, so that a copy that may not be written to opens. */
  finish(): void {
    guarded(this.#path, () => {
      this.#db.exec('ANALYZE')
      leaveOneFile(this.#db)
    })
    this.close()
  }

  close(): void {
    if (this.#db.open) this.#db.close()
  }
}

/** A token as it is looked for: without the space before it, in lower case, without accents. */
export function searchable(bytes: Uint8Array): string {
  return foldText(new TextDecoder().decode(bytes).replace(/^[\s▁]+/u, ''))
}
