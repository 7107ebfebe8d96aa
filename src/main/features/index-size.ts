// What an index takes on disk and in memory, reckoned before it begins.
// Letters: F features, D width of the model.
import type { SaeForm } from '../sae/sae.ts'
import { RECORD_BYTES } from './buckets.ts'

/** Of a row that is indexed: its context, position, token, group, kind, and where its codes begin. */
const ROW_BYTES = 17
/** Of a context in which a feature fires; a row is in one context, so a code makes one at most. */
const FIRING_BYTES = 8
/** Of a feature in the database and the table, as the demo's took it. */
const FEATURE_BYTES = 4_096
/** Databases while they are written, and what the vocabulary takes. */
const BYTES_AT_LEAST = 32 * 2 ** 20
/** The process, a bucket, the counts of a pass, and a part of the SAE with what comes out of its runs: as the bench finds it. */
const WORK_BYTES = 450e6

export interface IndexSize {
  /** Bytes that stay. */
  readonly kept: number
  /** Bytes that are needed beside them until it is finished. */
  readonly meanwhile: number
}

export interface IndexedAmount {
  readonly rows: number
  /** Codes of a row. */
  readonly l0: number
  readonly F: number
}

/** At most; contexts in which features fire are reckoned as if each code were in one of its own. */
export function indexSize({ rows, l0, F }: IndexedAmount): IndexSize {
  const codes = rows * l0
  const feature = F <= 65_536 ? 2 : 4
  return {
    kept: rows * ROW_BYTES + codes * (feature + 2 + FIRING_BYTES) + F * FEATURE_BYTES + BYTES_AT_LEAST,
    meanwhile: codes * RECORD_BYTES + BYTES_AT_LEAST,
  }
}

/** Bytes of memory: the same for all that are read in parts; Switch holds its encoder, as it is read and in a session. */
export function indexMemory({ architecture, F, D }: Pick<SaeForm, 'architecture' | 'F' | 'D'>): number {
  return WORK_BYTES + (architecture === 'switch' ? 3 * F * D * 4 : 0)
}

/** Codes of a row, where nobody measured them: as many as SAEs usually have. */
const USUAL_L0 = 100

/** The codes a row is reckoned with: as were measured, else as many as the SAE chooses. */
export function likelyL0({ k }: { readonly k?: number }, measured: number | undefined): number {
  return measured ?? k ?? USUAL_L0
}
