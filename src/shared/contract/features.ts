// The features of SAEs over the wire: their indexes, the table, one feature, searches, live reading, and notes.
import { z } from 'zod'
import { featureNoteSchema, noteChangeSchema } from '../feature-notes.ts'
import {
  featureHitsSchema,
  featureSearchSchema,
  listedFeatureSchema,
  strongTokenSchema,
} from '../feature-search.ts'
import {
  contextCodesSchema,
  featureIndexSchema,
  featurePageSchema,
  featureTableSchema,
  firingsSchema,
  indexPlaceSchema,
  indexPlanSchema,
  readTextSchema,
} from '../features.ts'
import { count } from '../schema-parts.ts'
import { command, query, stream } from './define.ts'

const ofSae = z.object({ sae: z.string().min(1) })
const limit = z.number().int().min(1).max(1_000).default(100)
/** Without it all that fire. */
const some = z.array(count).max(1_000).optional()

/**
 * What takes a place rejects `sae/unknown`, `sae/ambiguous`, `features/none` where there is no index, and
 * `features/outdated`, `features/damaged`, `features/unfinished`.
 */
export const featuresContract = {
  /** The indexes of an SAE, the newest first, unfinished ones too. */
  'features.indexes': query(ofSae, z.array(featureIndexSchema)),
  /** What an index would need; by default of the harvest the SAE was trained on. Rejects what its job refuses. */
  'features.plan': query(
    indexPlaceSchema.extend({ maxRows: z.number().int().min(1).default(10_000_000) }),
    indexPlanSchema,
  ),
  /** Removes an index; rejects `features/in-use` while a job works on it. */
  'features.removeIndex': command(
    ofSae.extend({ harvest: z.string().min(1) }),
    z.object({ freedBytes: z.number() }),
  ),
  'features.table': query(indexPlaceSchema, featureTableSchema),
  /** Rejects `features/unknown` for a number the SAE does not have. */
  'features.feature': query(indexPlaceSchema.extend({ feature: count }), featurePageSchema),
  /** All of a context's tokens, with the features that fire at each; rejects `features/no-context`. */
  'features.context': query(indexPlaceSchema.extend({ context: count, features: some }), contextCodesSchema),
  /** Places where a feature fires, one a context: the strongest first, or in the order of the corpus. */
  'features.firings': query(
    indexPlaceSchema.extend({
      feature: count,
      order: z.enum(['strongest', 'corpus']).default('strongest'),
      /** Only contexts of this stratum ("" for those without one). */
      stratum: z.string().optional(),
      from: count.default(0),
      limit: z.number().int().min(1).max(200).default(20),
    }),
    firingsSchema,
  ),
  /** Rejects `search/…` for a text that cannot be searched, `harvest/…` where the harvest is not here any more. */
  'features.search': query(featureSearchSchema, featureHitsSchema),
  /** By label, the best match first; without text all that have one. */
  'features.byLabel': query(
    indexPlaceSchema.extend({ text: z.string().max(500), limit }),
    z.array(listedFeatureSchema),
  ),
  /** The features among whose ten main tokens it is, those of which it is most first. */
  'features.byToken': query(indexPlaceSchema.extend({ token: count, limit }), z.array(listedFeatureSchema)),
  /** Main tokens that begin so, a space before them or not, those of most features first. */
  'features.tokens': query(
    indexPlaceSchema.extend({ text: z.string().max(200), limit }),
    z.array(strongTokenSchema),
  ),
  /**
   * Runs the model on a text (loading it first), and tells the features of each token; with `features` only those.
   * Rejects `features/no-model`, `read/empty`, and what loading a model rejects.
   */
  'features.read': query(ofSae.extend({ text: z.string(), features: some }), readTextSchema),
  /** Of all features that have any. */
  'features.watchNotes': stream({
    input: ofSae,
    snapshot: z.array(featureNoteSchema),
    delta: z.array(featureNoteSchema),
    apply: (before, changed) => {
      const known = new Set(changed.map(({ feature }) => feature))
      return [...before.filter(({ feature }) => !known.has(feature)), ...changed]
    },
    merge: (earlier, later) => {
      const known = new Set(later.map(({ feature }) => feature))
      return [...earlier.filter(({ feature }) => !known.has(feature)), ...later]
    },
  }),
  'features.notes': query(ofSae, z.array(featureNoteSchema)),
  /** Rejects `features/unknown`, `disk/…`. */
  'features.annotate': command(noteChangeSchema, featureNoteSchema),
}
