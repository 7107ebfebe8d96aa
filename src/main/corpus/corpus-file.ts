// A file of a corpus, wherever it lies, as it is found and read.
import type { SkipReason } from '../../shared/corpus.ts'
import type { Bytes } from './bytes.ts'

/** A file of a corpus, here or on a server. */
export interface CorpusFile {
  readonly kind: 'file'
  /** Its path in the corpus, with "/" between folders; a single file's own name. */
  readonly name: string
  readonly bytes: number
  /** Changes when the file does, as far as can be told without reading it. */
  readonly id: string
  /** Its folder's first part, where folders are strata. */
  readonly stratum: string | null
  /** Hands its bytes to `use`; errors are Node's, or those of a download. */
  readonly read: <T>(use: (bytes: Bytes) => AsyncIterable<T>) => AsyncIterable<T>
  /** The same for who wants a little of it only: nothing more is fetched than is pulled. */
  readonly look: <T>(use: (bytes: Bytes) => AsyncIterable<T>) => AsyncIterable<T>
}

export type Found =
  | CorpusFile
  | { readonly kind: 'skipped'; readonly name: string; readonly reason: SkipReason; readonly detail: string }
