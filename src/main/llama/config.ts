// What a LLaMA checkpoint says of its architecture, in one spelling whatever file it came from.

/** Rotary positions: the base of the frequencies, and how they are stretched to longer contexts. */
export type Rope =
  | { readonly kind: 'default'; readonly theta: number }
  | { readonly kind: 'linear'; readonly theta: number; readonly factor: number }
  | {
      readonly kind: 'llama3'
      readonly theta: number
      readonly factor: number
      readonly lowFrequencyFactor: number
      readonly highFrequencyFactor: number
      readonly originalPositions: number
    }

export interface LlamaConfig {
  /** D, width of the residual stream. */
  readonly width: number
  /** Number of blocks. */
  readonly layers: number
  /** H, query heads. */
  readonly heads: number
  /** G, key and value heads; divides H. */
  readonly keyHeads: number
  /** C, width of a head; H·C need not be D. */
  readonly headWidth: number
  /** M, width inside the MLP. */
  readonly mlpWidth: number
  /** V, tokens in the vocabulary as the embedding has rows. */
  readonly vocabulary: number
  /** Tokens a context may have. */
  readonly positions: number
  readonly normEpsilon: number
  readonly rope: Rope
  /** q, k, v and o projections have biases. */
  readonly attentionBias: boolean
  readonly mlpBias: boolean
  /** The head is the embedding. */
  readonly tiedHead: boolean
  readonly bosId: number | null
  /** Any of them ends a text. */
  readonly eosIds: readonly number[]
}
