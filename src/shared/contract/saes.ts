// SAEs over the wire: which there are, what one would take, how their training goes, and their removal.
import { z } from 'zod'
import { trainConfigSchema } from '../sae.ts'
import { checkupSchema } from '../sae-findings.ts'
import { checkpointSchema, saeSchema, trainingCurvesSchema, trainingPlanSchema } from '../saes.ts'
import { command, nothing, query } from './define.ts'

const byId = z.object({ id: z.string() })

export const saesContract = {
  /** The newest first; their folders are looked at before it answers. */
  'saes.list': query(nothing, z.array(saeSchema)),
  /** At most `points` a curve, also while it trains; null: every step. Rejects `sae/unknown`. */
  'saes.curves': query(
    byId.extend({ points: z.number().int().min(10).max(5_000).nullable().default(600) }),
    trainingCurvesSchema,
  ),
  /** What a training would take, also when it does not fit; rejects `sae/options`, `harvest/…`, `models/…`, `device/none`. */
  'saes.plan': query(trainConfigSchema, trainingPlanSchema),
  /** What is wrong with its training so far, or was at the end; rejects `sae/unknown`. */
  'saes.checkup': query(byId, checkupSchema),
  /** What its training could go on from, the newest first; rejects `sae/unknown`. */
  'saes.checkpoints': query(byId, z.array(checkpointSchema)),
  /** Removes its folder, and of one that is not finished the job and what else that has not finished; rejects `sae/in-use` while a job needs it. */
  'saes.remove': command(byId, z.object({ freedBytes: z.number() })),
}
