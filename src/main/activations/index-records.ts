// What the index of a harvest holds: documents, contexts and sentences.

export interface IndexedDocument {
  /** Among everything the corpus holds: the document's identity. */
  readonly ordinal: number
  readonly source: string
  readonly stratum: string | null
  readonly language: string | null
  /** JSON. */
  readonly meta: string | null
  /** 0 left out, 1 train, 2 validation. */
  readonly split: 0 | 1 | 2
  /** 1 where its first context begins with it; 0 where the document before it ends there. */
  readonly begins: 0 | 1
}

/** Documents that are alike. */
export interface DocumentKind extends Pick<IndexedDocument, 'stratum' | 'language' | 'split'> {
  readonly documents: number
}

export interface IndexedContext {
  /** 0, 1, 2… */
  readonly id: number
  /** Of the harvest; the context's rows follow each other. */
  readonly firstRow: number
  /** Its rows. */
  readonly tokens: number
  /** Of its tokens. */
  readonly text: string
}

/** A context on its way into the index. */
export interface NewContext extends IndexedContext {
  /** That of its first token. */
  readonly sentence: number
}

export interface IndexedSentence {
  /** 0, 1, 2… in the order of the corpus. */
  readonly id: number
  /** The ordinal. */
  readonly document: number
  /** Where it begins; it may go on into the next. */
  readonly context: number
  /** In the document's text, in UTF-16 code units. */
  readonly start: number
  readonly end: number
}

/** Texts of one meaning in two languages. */
export interface ParallelTexts {
  readonly languages: readonly [string, string]
  readonly pairs: readonly (readonly [string, string])[]
}
