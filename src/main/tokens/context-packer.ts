// Cuts documents into contexts, and knows at each moment where it would have to begin again.
import type { Context, Packing, Piece } from './context.ts'

export interface PackerOptions {
  /** T, tokens of a full context, BOS included. */
  readonly length: number
  readonly packing: Packing
  /** Begins every context, and parts documents that share one; null for a model without. */
  readonly bos: number | null
}

/** A document on its way in: its tokens, and the sentence of each, numbered through the harvest. */
export interface PackedDocument {
  readonly ordinal: number
  readonly ids: Int32Array
  readonly sentences: Uint32Array
}

/** The first token that is in no finished context; null when there is none. */
export interface Pending {
  readonly document: number
  readonly token: number
}

/** One context under way. */
interface Draft {
  readonly ids: Int32Array
  readonly sentences: Uint32Array
  readonly pieces: Piece[]
  filled: number
}

export class ContextPacker {
  readonly #options: PackerOptions
  #draft: Draft | undefined

  constructor(options: PackerOptions) {
    const least = options.bos === null ? 1 : 2
    if (options.length < least) throw new Error(`A context of ${options.length} tokens holds no text.`)
    this.#options = options
  }

  /** The contexts that become full with this document, from its token `from` on. */
  *add(document: PackedDocument, from = 0): Generator<Context> {
    const { length, packing, bos } = this.#options
    let at = from
    while (at < document.ids.length) {
      const draft = (this.#draft ??= this.#begin(document.sentences[at]!))
      const parted =
        bos === null || draft.pieces.length === 0 || draft.pieces.at(-1)?.document === document.ordinal
      // BOS parts documents only where a token of the next one still fits behind it
      if (!parted && draft.filled + 1 >= length) {
        yield this.#finish(draft)
        continue
      }
      if (!parted) put(draft, bos, document.sentences[at]!)
      const count = Math.min(length - draft.filled, document.ids.length - at)
      draft.ids.set(document.ids.subarray(at, at + count), draft.filled)
      draft.sentences.set(document.sentences.subarray(at, at + count), draft.filled)
      draft.pieces.push({ document: document.ordinal, from: at, count })
      draft.filled += count
      at += count
      if (draft.filled === length) yield this.#finish(draft)
    }
    if (packing === 'document' && this.#draft) yield this.#finish(this.#draft)
  }

  /** What is left when no document follows. */
  *end(): Generator<Context> {
    if (this.#draft) yield this.#finish(this.#draft)
  }

  get pending(): Pending | null {
    const piece = this.#draft?.pieces[0]
    return piece ? { document: piece.document, token: piece.from } : null
  }

  #begin(sentence: number): Draft {
    const { length, bos } = this.#options
    const draft = {
      ids: new Int32Array(length),
      sentences: new Uint32Array(length),
      pieces: [],
      filled: 0,
    }
    if (bos !== null) put(draft, bos, sentence)
    return draft
  }

  #finish({ ids, sentences, pieces, filled }: Draft): Context {
    this.#draft = undefined
    return { ids: ids.slice(0, filled), sentences: sentences.slice(0, filled), pieces }
  }
}

function put(draft: Draft, id: number, sentence: number): void {
  draft.ids[draft.filled] = id
  draft.sentences[draft.filled] = sentence
  draft.filled++
}
