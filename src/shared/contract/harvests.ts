// Harvests over the wire: which there are, what is in one, and what one would cost.
import { z } from 'zod'
import { harvestConfigSchema, harvestManifestSchema } from '../harvest.ts'
import {
  contextViewSchema,
  harvestCostSchema,
  harvestSchema,
  harvestSketchSchema,
  hitsSchema,
  rowViewSchema,
} from '../harvests.ts'
import { count } from '../schema-parts.ts'
import { command, latest, nothing, query, stream } from './define.ts'

const byId = z.object({ id: z.string() })

/** `id` is one of a harvest, or a unique prefix of one: all reject `harvest/unknown` and `harvest/ambiguous`. */
export const harvestsContract = {
  /** The newest first; their folders are looked at before it answers. */
  'harvests.list': query(nothing, z.array(harvestSchema)),
  /** The list as it is, and as it changes; watching looks at the folders again. */
  'harvests.watch': latest(nothing, z.array(harvestSchema)),
  /** With its manifest, which is null while it is not finished. */
  'harvests.get': query(
    byId,
    z.object({ harvest: harvestSchema, manifest: harvestManifestSchema.nullable() }),
  ),
  /** Removes its folder, and of one that is not finished the job; rejects `harvest/in-use` while a job needs it. */
  'harvests.remove': command(byId, z.object({ freedBytes: z.number() })),
  /** Of a harvest under way; null until its job has told. */
  'harvests.sketch': stream({
    input: byId,
    snapshot: harvestSketchSchema.nullable(),
    delta: harvestSketchSchema,
    apply: (_before, after) => after,
    merge: (_earlier, later) => later,
  }),
  /** The contexts with this text, the best first; rejects `search/…`, `harvest/unfinished`, `disk/…`. */
  'harvests.search': query(
    byId.extend({ text: z.string(), limit: z.number().int().min(1).max(1_000).default(50) }),
    hitsSchema,
  ),
  /** Rejects `harvest/no-context`, `harvest/unfinished`, `disk/…`. */
  'harvests.context': query(byId.extend({ context: count }), contextViewSchema),
  /** With the rows nearest by cosine among a sample of at most 200,000; rejects `harvest/no-row` and the like. */
  'harvests.row': query(
    byId.extend({ row: count, nearest: z.number().int().min(0).max(100).default(12) }),
    rowViewSchema,
  ),
  /** What a harvest would need; rejects what its job would refuse: `hook/unknown`, `harvest/context`, `models/…`, `corpus/missing`. */
  'harvests.estimate': query(harvestConfigSchema, harvestCostSchema),
}
