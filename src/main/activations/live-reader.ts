// A corpus as the model reads it: the rows of one chunk after the other, from any place, without what is left out.
// Letters: D width of the model, T tokens of a batch's rows.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestConfig } from '../../shared/harvest.ts'
import type { HubAccess } from '../../shared/hub.ts'
import { batchOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { Harvester } from '../llama/harvester.ts'
import { release } from '../onnx/tensor.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { batchesOf } from './batches.ts'
import { beginning, type Chunk, type CorpusPosition } from './chunk.ts'
import { hookFor } from './harvest-cost.ts'
import { HeldRows } from './held-rows.ts'
import { calibrationContexts, measuredCalibration } from './measured-calibration.ts'
import { AskedToStop } from './row-source.ts'
import { documentSplit, leftOut, type Split, type SplitRule, splits } from './split.ts'
import { textOrderOf } from './text-order.ts'
import type { textCalls } from './text-worker.ts'

export interface LiveInput {
  /** A context holds text of one document: `packing` must be "document". */
  readonly config: HarvestConfig
  readonly checkpoint: Checkpoint
  /** For a corpus on the Hub. */
  readonly hub: HubAccess | null
  /** Where it is kept which documents are taken; what an earlier attempt left there is continued. */
  readonly folder: string
  /** Rows, trained or not, with which the pool is refilled. */
  readonly refill?: number
}

export interface LiveReaderOptions {
  readonly device: UsableDevice
  /** Looked at between two runs of the model. */
  readonly stopping: () => boolean
}

/** Tokens of a refill, and bytes of their rows. */
const [MOST_REFILL, REFILL_BYTES] = [32_768, 128e6]

/** The tokens with which the pool is refilled, for rows of D numbers. */
export function refillRows(D: number): number {
  return Math.min(MOST_REFILL, Math.floor(REFILL_BYTES / (4 * D)))
}

export class LiveReader {
  readonly D: number
  readonly #input: LiveInput
  readonly #stopping: () => boolean
  readonly #harvester: Harvester
  readonly #text = new Thread<typeof textCalls>(entryUrl('activations/text-worker', import.meta.url))
  #rule: SplitRule | undefined
  #coming: Promise<Chunk | null> | undefined
  #starts = { coming: beginning, before: beginning }

  private constructor(input: LiveInput, { stopping }: LiveReaderOptions, harvester: Harvester) {
    this.#input = input
    this.#stopping = stopping
    this.#harvester = harvester
    this.D = input.checkpoint.config.width
  }

  /** Measures what is left out. Throws `AskedToStop`, and what corpus and model throw. */
  static async start(input: LiveInput, options: LiveReaderOptions): Promise<LiveReader> {
    const { config, checkpoint, folder } = input
    mkdirSync(folder, { recursive: true })
    const hook = hookFor(config, checkpoint.config)
    const harvester = await Harvester.open(checkpoint, {
      ...{ device: options.device, hook, positions: config.contextLength },
    })
    const reader = new LiveReader(input, options, harvester)
    try {
      await reader.#calibrate()
      return reader
    } catch (error) {
      await reader.close()
      throw error
    }
  }

  /** Where in the corpus the chunk that comes begins, and the one before it. */
  get starts(): { readonly coming: CorpusPosition; readonly before: CorpusPosition } {
    return this.#starts
  }

  /** Reads the corpus from there; resolves to the ids of special tokens. */
  async begin(position: CorpusPosition): Promise<readonly number[]> {
    const { config, checkpoint, hub, folder, refill = refillRows(this.D) } = this.#input
    this.#coming = undefined
    this.#starts = { coming: position, before: position }
    const { special } = await this.#text.call('open', [
      textOrderOf(config, {
        ...{ checkpoint: checkpoint.folder, hub, position },
        ...{ plan: join(folder, 'plan.sqlite'), cache: join(folder, 'corpus-cache') },
        contexts: Math.max(1, Math.floor(refill / config.contextLength)),
      }),
    ])
    return special
  }

  /** The rows of the next chunk that train (n, D); null after the last. */
  async trainingRows(): Promise<Float32Array | null> {
    const chunk = await this.#chunk()
    return chunk && (await this.#rowsOf(chunk, splits.train))
  }

  /** From where it stands: at most so many rows that validate. */
  async validationRows(most: number): Promise<HeldRows> {
    const kept: Float32Array[] = []
    const tokens: number[] = []
    let left = this.#input.config.validationShare === 0 ? 0 : most
    for (let chunk = left > 0 ? await this.#chunk() : null; chunk && left > 0; chunk = await this.#chunk()) {
      const rows = await this.#rowsOf(chunk, splits.validation, { most: left, tokens })
      left -= rows.length / this.D
      kept.push(rows)
    }
    const rows = joined(kept)
    return new HeldRows(rows, Int32Array.from(tokens.slice(0, rows.length / this.D)), this.D)
  }

  /** Nothing may be read meanwhile. */
  async close(): Promise<void> {
    await Promise.all([this.#text.end(), this.#harvester.close()])
  }

  async #calibrate(): Promise<void> {
    const { config } = this.#input
    const { seed, validationShare } = config
    const special = new Set(await this.begin(beginning))
    const sample = await this.#text.call('calibration', [calibrationContexts(config), seed])
    const model = {
      atOnce: 1,
      norms: async (ids: Int32Array) => (await this.#harvester.residuals(batchOf([ids]))).norms,
    }
    const calibration = await measuredCalibration(model, sample, { ...config, special }, () => {
      this.#heed()
      return Promise.resolve()
    })
    this.#rule = { seed, validationShare, calibration, special }
  }

  /** The next chunk, while the thread makes the one after it. */
  async #chunk(): Promise<Chunk | null> {
    const chunk = await (this.#coming ?? this.#text.call('next', []))
    this.#coming = this.#text.call('next', [])
    // a failure is told when its turn comes
    this.#coming.catch(() => undefined)
    this.#starts = { before: this.#starts.coming, coming: chunk?.position ?? this.#starts.coming }
    return chunk
  }

  /**
   * What the model makes of the contexts whose documents are of the split (n, D), without what is left out, and in
   * `tokens` which token each row is of; a batch may bring more of them than `most`.
   */
  async #rowsOf(
    { contexts, position }: Chunk,
    split: Split,
    { most = Infinity, tokens }: { readonly most?: number; readonly tokens?: number[] } = {},
  ): Promise<Float32Array> {
    const { D } = this
    const rule = this.#rule!
    // numbered as the rows of a harvest are
    let number = position.tokens - contexts.reduce((sum, { ids }) => sum + ids.length, 0)
    const numbered = batchesOf(contexts, 1).map(([index]) => {
      const { ids, pieces } = contexts[index!]!
      number += ids.length
      return { ids, document: pieces[0]!.document, first: number - ids.length }
    })
    const own = numbered.filter(({ document }) => documentSplit(document, rule) === split)
    const kept = new Float32Array(own.reduce((sum, { ids }) => sum + ids.length, 0) * D)
    let filled = 0
    for (const indices of batchesOf(own, this.#input.config.batch)) {
      if (filled >= most) break
      this.#heed()
      const batch = batchOf(indices.map((index) => own[index]!.ids))
      const residuals = await this.#harvester.residuals(batch)
      const { activations, norms } = residuals
      for (const [place, index] of indices.entries()) {
        const { ids, first } = own[index]!
        for (const [at, token] of ids.entries()) {
          const from = place * batch.tokens + at
          if (leftOut({ token, norm: norms[from]!, row: first + at }, rule) !== null) continue
          kept.set(activations.subarray(from * D, (from + 1) * D), filled++ * D)
          tokens?.push(token)
        }
      }
      release(residuals.activations, residuals.norms)
    }
    return kept.slice(0, Math.min(filled, most) * D)
  }

  #heed(): void {
    if (this.#stopping()) throw new AskedToStop('Asked to stop.')
  }
}

export function joined(parts: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
