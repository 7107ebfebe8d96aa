// How a harvest stands in the middle of a shard, for whoever watches: what is committed and what was added since.
import type { HarvestSketch } from '../../shared/harvests.ts'
import type { Chunk, ChunkDocument } from './chunk.ts'
import type { HarvestProgress } from './harvest-progress.ts'
import { meanNorm, type NormCounts } from './norm-histogram.ts'

/** The chunk under way, as far as it was added. */
export interface Underway {
  readonly chunk: Chunk
  readonly split: HarvestProgress['split']
  readonly norms: NormCounts
  readonly rows: number
  /** Whether the context of that index in the chunk was added. */
  added(index: number): boolean
  /** The last document that began before this chunk; null where that is not known. */
  readonly earlier: ChunkDocument | null
}

/** What was skipped among the documents of the chunk under way counts when it is committed. */
export function sketchOf(progress: HarvestProgress, underway?: Underway): HarvestSketch {
  const { position, shards } = progress
  const strata: HarvestSketch['strata'] = structuredClone(position.strata)
  let [contexts, documents] = [shards.length === 0 ? 0 : position.contexts, 0]
  if (underway) {
    const { chunk, earlier } = underway
    const known = new Map(
      [...(earlier ? [earlier] : []), ...chunk.documents].map((each) => [each.ordinal, each]),
    )
    for (const [index, { pieces }] of chunk.contexts.entries()) {
      if (!underway.added(index)) continue
      contexts++
      for (const { document, from, count } of pieces) {
        const found = known.get(document)
        if (!found) continue
        const name = found.stratum ?? ''
        const stratum = (strata[name] ??= { documents: 0, tokens: 0 })
        stratum.tokens += count
        if (from > 0) continue
        stratum.documents++
        documents++
      }
    }
  }
  const norms = underway?.norms ?? progress.norms
  return {
    ...{ rows: progress.rows + (underway?.rows ?? 0), contexts, strata, shards: shards.length },
    documents: {
      read: position.documents.read + documents,
      used: position.documents.used + documents,
      skipped: { ...position.skipped },
    },
    split: { ...(underway?.split ?? progress.split) },
    norms: { mean: meanNorm(norms), histogram: norms.rows.map((row) => [...row]) },
  }
}
