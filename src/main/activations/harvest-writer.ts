// Writes a harvest: each chunk becomes a shard and a transaction of the index, and a death between the two costs nothing.
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { HarvestSketch } from '../../shared/harvests.ts'
import { explained } from '../store/io-error.ts'
import type { Piece } from '../tokens/context.ts'
import type { Chunk, ChunkDocument } from './chunk.ts'
import { INDEX } from './harvest-folder.ts'
import { type HarvestProgress, noProgress, shardName } from './harvest-progress.ts'
import { sketchOf } from './harvest-sketch.ts'
import { IndexWriter } from './index-writer.ts'
import { NormHistogram } from './norm-histogram.ts'
import type { PackedRows } from './row-slots.ts'
import type { ShardFormat } from './shard.ts'
import { ShardWriter } from './shard-writer.ts'
import { documentSplit, leftOut, type LeftOutReason, type SplitRule, splits } from './split.ts'

export interface HarvestWriterOptions {
  /** Of the harvest; it exists. */
  readonly folder: string
  readonly format: ShardFormat
  readonly rule: SplitRule
}

/** Documents that were left out and are listed; all are counted. */
const LISTED = 200

/** The chunk under way. */
interface Open {
  readonly chunk: Chunk
  readonly shard: ShardWriter
  readonly split: Record<'train' | 'validation' | LeftOutReason, number>
  readonly batches: Record<string, number>
  readonly norms: NormHistogram
  /** Of each context of the chunk its first row in the harvest. */
  readonly firstRows: number[]
  rows: number
}

export class HarvestWriter {
  readonly #options: HarvestWriterOptions
  readonly #index: IndexWriter
  #progress: HarvestProgress
  #open: Open | undefined
  /** The last that began in a committed chunk of this attempt. */
  #lastDocument: ChunkDocument | null = null

  private constructor(options: HarvestWriterOptions, index: IndexWriter, progress: HarvestProgress) {
    this.#options = options
    this.#index = index
    this.#progress = progress
  }

  /** Continues what lies in the folder; shards the index does not know are removed. Throws `disk/…`. */
  static async open(options: HarvestWriterOptions): Promise<HarvestWriter> {
    const { folder } = options
    const index = IndexWriter.open(join(folder, INDEX))
    try {
      const progress = (index.progress() as HarvestProgress | null) ?? noProgress
      const known = new Set(progress.shards.map(({ name }) => name))
      for (const name of await explained(folder, () => readdir(folder))) {
        const ours = name.includes('shard-')
        if (ours && !known.has(name)) await rm(join(folder, name), { force: true })
      }
      return new HarvestWriter(options, index, progress)
    } catch (error) {
      index.close()
      throw error
    }
  }

  get progress(): HarvestProgress {
    return this.#progress
  }

  /** As it stands now, what is not committed included. */
  sketch(): HarvestSketch {
    const open = this.#open
    if (!open) return sketchOf(this.#progress)
    const { chunk, split, norms, rows, firstRows } = open
    return sketchOf(this.#progress, {
      ...{ chunk, split, rows, norms: norms.counts(), earlier: this.#lastDocument },
      added: (index) => firstRows[index] !== undefined,
    })
  }

  async begin(chunk: Chunk): Promise<void> {
    const { folder, format } = this.#options
    const { shards, split, batches, norms } = this.#progress
    this.#open = {
      chunk,
      shard: await ShardWriter.create(join(folder, shardName(shards.length)), format),
      split: { ...split },
      batches: { ...batches },
      norms: new NormHistogram(norms),
      firstRows: [],
      rows: 0,
    }
  }

  /** The rows of contexts of the chunk, by their indices in it; they may change until this resolves. */
  async add(contexts: readonly number[], { activations, norms }: PackedRows): Promise<void> {
    const open = this.#opened()
    const { rule } = this.#options
    const total = norms.length
    const rows = {
      context: new Uint32Array(total),
      position: new Uint16Array(total),
      token: new Int32Array(total),
      sentence: new Uint32Array(total),
      split: new Uint8Array(total),
      ...{ activations, norms },
    }
    let at = 0
    for (const index of contexts) {
      const { ids, sentences, pieces } = open.chunk.contexts[index]!
      rows.token.set(ids, at)
      rows.sentence.set(sentences, at)
      rows.context.fill(open.chunk.first + index, at, at + ids.length)
      open.firstRows[index] = this.#progress.rows + open.rows + at
      this.#splitRows(rows.split.subarray(at, at + ids.length), ids, pieces)
      for (let position = 0; position < ids.length; position++) {
        const row = at + position
        const [token, norm] = [ids[position]!, norms[row]!]
        const reason = leftOut({ token, norm, row: this.#progress.rows + open.rows + row }, rule)
        if (reason !== null) rows.split[row] = splits.leftOut
        rows.position[row] = position
        open.split[reason ?? (rows.split[row] === splits.train ? 'train' : 'validation')]++
        // special tokens and sinks are many times longer than what is steered
        open.norms.add(position, norm, { typical: reason === null || reason === 'frequent' })
      }
      at += ids.length
    }
    await open.shard.write(rows)
    open.rows += total
    open.batches[contexts.length] = (open.batches[contexts.length] ?? 0) + 1
  }

  /** Makes the chunk durable: its shard, and then its part of the index. */
  async commit(): Promise<void> {
    const { chunk, shard, split, batches, norms, firstRows, rows } = this.#opened()
    const before = this.#progress
    const { bytes, sha256, overflowed, error } = await shard.commit()
    const { rule } = this.#options
    for (const document of chunk.documents) {
      this.#index.addDocument({ ...document, split: documentSplit(document.ordinal, rule) })
    }
    for (const [index, { ids, sentences }] of chunk.contexts.entries()) {
      this.#index.addContext({
        ...{ id: chunk.first + index, firstRow: firstRows[index]!, tokens: ids.length },
        ...{ text: chunk.texts[index]!, sentence: sentences[0]! },
      })
    }
    for (const sentence of chunk.sentences) this.#index.addSentence(sentence)
    const entry = { name: shardName(before.shards.length), firstRow: before.rows, rows, bytes, sha256 }
    this.#progress = {
      position: chunk.position,
      shards: [...before.shards, entry],
      rows: before.rows + rows,
      ...{ split, batches },
      norms: norms.counts(),
      overflowed: before.overflowed + overflowed,
      error: error === null ? before.error : Math.max(before.error ?? 0, error),
      leftOut: [...before.leftOut, ...chunk.leftOut].slice(0, LISTED),
    }
    this.#index.commit(this.#progress)
    this.#lastDocument = chunk.documents.at(-1) ?? this.#lastDocument
    this.#open = undefined
  }

  /** What the corpus had after its last context: nothing but documents that were left out. */
  settle({ position, leftOut: more }: Pick<Chunk, 'position' | 'leftOut'>): void {
    const leftOut = [...this.#progress.leftOut, ...more].slice(0, LISTED)
    this.#progress = { ...this.#progress, position, leftOut }
    this.#index.commit(this.#progress)
  }

  /** Gives up the chunk under way; what was committed stays, and can be continued. */
  async close(): Promise<void> {
    await this.#open?.shard.abort()
    this.#index.close()
  }

  /** Everything is written: leaves an index that opens from anywhere. */
  finish(): void {
    this.#index.finish()
  }

  /** What the document of each token says; BOS has that of the piece after it. */
  #splitRows(split: Uint8Array, ids: Int32Array, pieces: readonly Piece[]): void {
    const gap = ids.length > pieces.reduce((total, { count }) => total + count, 0) ? 1 : 0
    let at = 0
    for (const { document, count } of pieces) {
      split.fill(documentSplit(document, this.#options.rule), at, at + gap + count)
      at += gap + count
    }
  }

  #opened(): Open {
    if (!this.#open) throw new Error('No chunk is under way.')
    return this.#open
  }
}
