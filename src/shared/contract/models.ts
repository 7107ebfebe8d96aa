// Models over the wire: those of the workspace, and those that are worth downloading, with what each needs here.
import { z } from 'zod'
import { modelSchema } from '../models.ts'
import { command, latest, nothing, query } from './define.ts'

const byId = z.object({ id: z.string() })

const offerSchema = z.object({
  /** On the Hugging Face Hub. */
  repository: z.string(),
  name: z.string(),
  instruct: z.boolean(),
  licence: z.string(),
  gated: z.boolean(),
  parameters: z.number().int(),
  /** About; the Hub says the exact size. */
  downloadBytes: z.number(),
  precision: z.enum(['float32', 'float16', 'int4']),
  /** Estimated, of weights and cache at that precision. */
  memoryBytes: z.number(),
  fit: z.enum(['fits', 'tight', 'too large', 'unknown']),
})

export const modelsContract = {
  /** The newest first; their folders are looked at before it answers. */
  'models.list': query(nothing, z.array(modelSchema)),
  /** The list as it is, and as it changes; watching looks at the folders again. */
  'models.watch': latest(nothing, z.array(modelSchema)),
  /** An id or a unique prefix of one; rejects `models/unknown` and `models/ambiguous`. */
  'models.get': query(byId, modelSchema),
  /** What could be downloaded, judged for the device that work runs on; resolves once the devices have been probed. */
  'models.catalogue': query(
    nothing,
    z.object({
      device: z.string(),
      /** Bytes; null when nothing tells. */
      memory: z.number().nullable(),
      models: z.array(offerSchema),
    }),
  ),
  /** The folder of the model that comes with Monoscope; null where it was left out. */
  'models.demo': query(nothing, z.string().nullable()),
  'models.rename': command(byId.extend({ name: z.string().trim().min(1).max(100) }), modelSchema),
  /** Removes it from the workspace; files that were linked stay where they are. */
  'models.remove': command(byId, z.object({ freedBytes: z.number() })),
}
