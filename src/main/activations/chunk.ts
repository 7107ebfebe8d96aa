// The contexts of one shard with all the index says of them, and the place in the corpus where the next one begins.
import type { Context } from '../tokens/context.ts'

/** A document that begins in this chunk. */
export interface ChunkDocument {
  readonly ordinal: number
  readonly source: string
  readonly stratum: string | null
  readonly language: string | null
  /** JSON; null when the corpus says nothing more of it. */
  readonly meta: string | null
  /** As the index has it. */
  readonly begins: 0 | 1
}

/** A sentence that begins in this chunk. */
export interface ChunkSentence {
  /** Number in the harvest. */
  readonly id: number
  /** Ordinal of its document. */
  readonly document: number
  /** Number of the context in which it begins. */
  readonly context: number
  /** In the document's text, in UTF-16 units. */
  readonly start: number
  readonly end: number
}

/** Tokens and documents, counted; "" stands for documents without a stratum. */
export interface StratumCount {
  readonly documents: number
  readonly tokens: number
}

/** How far the corpus has been used; everything a harvest needs to go on from here. */
export interface CorpusPosition {
  /** Ordinal of the document that goes on, or is next. */
  readonly document: number
  /** The first of its tokens that is in no chunk yet. */
  readonly token: number
  /** Number of its first sentence. */
  readonly sentence: number
  readonly contexts: number
  /** Tokens in contexts, BOS included. */
  readonly tokens: number
  readonly documents: { readonly read: number; readonly used: number }
  /** Characters of used documents that stand for bytes which are no text. */
  readonly replaced: number
  /** By reason. */
  readonly skipped: Readonly<Record<string, number>>
  readonly strata: Readonly<Record<string, StratumCount>>
}

export const beginning: CorpusPosition = {
  ...{ document: 0, token: 0, sentence: 0, contexts: 0, tokens: 0 },
  documents: { read: 0, used: 0 },
  replaced: 0,
  skipped: {},
  strata: {},
}

/** A document that was left out, for the list a person can look at. */
export interface LeftOut {
  readonly source: string
  readonly reason: string
  readonly detail: string
}

export interface Chunk {
  /** In the order of the corpus, numbered on from the first. */
  readonly contexts: readonly Context[]
  /** Number of the first context. */
  readonly first: number
  /** Of each context its text, without special tokens. */
  readonly texts: readonly string[]
  readonly documents: readonly ChunkDocument[]
  readonly sentences: readonly ChunkSentence[]
  readonly leftOut: readonly LeftOut[]
  /** After this chunk. */
  readonly position: CorpusPosition
}
