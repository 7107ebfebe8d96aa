// Contexts: the pieces of documents that the model reads at once.

/** A run of tokens of one document inside a context. */
export interface Piece {
  /** Ordinal of the document in its corpus. */
  readonly document: number
  /** Index of the piece's first token among the document's. */
  readonly from: number
  readonly count: number
}

/** T tokens that the model sees together, beginning with BOS where it has one. */
export interface Context {
  /** (T) */
  readonly ids: Int32Array
  /** (T): number of the sentence in the harvest; BOS has that of the token after it. */
  readonly sentences: Uint32Array
  readonly pieces: readonly Piece[]
}

export const packings = ['document', 'packed'] as const
/** A context holds a piece of one document; or documents follow each other, with BOS between them. */
export type Packing = (typeof packings)[number]
