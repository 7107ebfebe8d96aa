// SAEs over the wire: which there are, how their training goes, and their removal.
import { z } from 'zod'
import { saeSchema, trainingCurvesSchema } from '../saes.ts'
import { command, nothing, query } from './define.ts'

const byId = z.object({ id: z.string() })

export const saesContract = {
  /** The newest first; their folders are looked at before it answers. */
  'saes.list': query(nothing, z.array(saeSchema)),
  /** At most `points` a curve, also while it trains; rejects `sae/unknown`. */
  'saes.curves': query(
    byId.extend({ points: z.number().int().min(10).max(5_000).default(600) }),
    trainingCurvesSchema,
  ),
  /** Removes its folder, and of one that is not finished the job; rejects `sae/in-use` while a job needs it. */
  'saes.remove': command(byId, z.object({ freedBytes: z.number() })),
}
