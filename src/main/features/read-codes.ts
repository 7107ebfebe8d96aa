// A text through a model and an SAE: which features fire at each of its tokens.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { ReadText } from '../../shared/features.ts'
import { Turns } from '../../shared/turns.ts'
import { batchOf } from '../llama/batch.ts'
import type { Llama } from '../llama/llama.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import { readSaeFolder } from '../sae/exchange/read-sae.ts'
import { CONFIG } from '../sae/sae-folder.ts'
import { SparseEncoder } from '../sae/sparse-encoder.ts'
import { onlyThese, spelledTokens } from './example-view.ts'

/** Tokens of a text that are read. */
const MOST_TOKENS = 512

export type ReadingModel = Pick<Llama, 'forward' | 'positions' | 'config'>

export interface CodesOrder {
  readonly text: string
  /** A folder. */
  readonly sae: string
  /** Without them all. */
  readonly features: readonly number[] | undefined
}

interface Held {
  /** The folder, and when its SAE was written. */
  readonly key: string
  readonly encoder: Promise<SparseEncoder>
}

/** Reads with one model; the SAE that was asked for last is held. */
export class CodeReader {
  readonly #tokenizer: Tokenizer
  readonly #device: UsableDevice
  #held: Held | undefined
  readonly #turns = new Turns()

  constructor(tokenizer: Tokenizer, device: UsableDevice) {
    this.#tokenizer = tokenizer
    this.#device = device
  }

  /**
   * `llama` is the model, opened at the hook. Of a text longer than 512 tokens or the context, the beginning. Throws
   * `read/empty`, `sae/other-width`, and what reading the SAE in the folder throws.
   */
  read(llama: ReadingModel, order: CodesOrder): Promise<ReadText> {
    return this.#turns.next(() => this.#read(llama, order))
  }

  async #read(llama: ReadingModel, { text, sae, features }: CodesOrder): Promise<ReadText> {
    const encoder = await this.#encoder(sae)
    const all = this.#tokenizer.encodePrompt(text).ids
    const ids = all.slice(0, Math.min(MOST_TOKENS, llama.positions))
    if (ids.length === 0) throw expected('read/empty', 'The text has no tokens.', 'Type some text.')
    const { residual } = await llama.forward(batchOf([ids]), {
      logitsAt: Int32Array.from([ids.length - 1]),
    })
    if (!residual) throw new Error('The model was opened without a hook.')
    if (residual.length !== ids.length * encoder.D) {
      throw expected(
        'sae/other-width',
        `This SAE reads ${encoder.D} numbers a row, and the residual stream of the model has ${llama.config.width}.`,
        'It belongs to another model.',
      )
    }
    return {
      ...onlyThese(await encoder.encode(residual), features),
      tokens: Int32Array.from(ids),
      texts: spelledTokens(this.#tokenizer, ids),
      special: Uint8Array.from(ids, (id) => (this.#tokenizer.isSpecial(id) ? 1 : 0)),
      leftOut: all.length - ids.length,
    }
  }

  async #encoder(folder: string): Promise<SparseEncoder> {
    const written = await stat(join(folder, CONFIG)).catch(() => null)
    const key = `${folder} ${written?.mtimeMs ?? ''}`
    if (this.#held?.key !== key) {
      const before = this.#held
      const encoder = readSaeFolder(folder).then(({ sae }) => SparseEncoder.open(sae, this.#device))
      this.#held = { key, encoder }
      encoder.catch(() => (this.#held = undefined))
      await before?.encoder.then((old) => old.close())
    }
    return this.#held.encoder
  }
}
