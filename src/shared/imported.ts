// What an import or a download brought into the workspace.
import { z } from 'zod'

/** A model that is in the workspace now. */
export const importedModel = z.object({
  id: z.string(),
  kind: z.literal('model'),
  architecture: z.string(),
  name: z.string(),
  /** SHA-256 of its configuration and weights. */
  hash: z.string(),
  parameters: z.number().int(),
  /** Of its weights as they are stored. */
  bytes: z.number(),
  /** Where its files were left; null when they are in the workspace. */
  linkedTo: z.string().nullable(),
  /** The workspace had the same model before, and still has that one only. */
  already: z.boolean(),
})

export type ImportedModel = z.output<typeof importedModel>

/** An SAE that is in the workspace now. */
export const importedSae = z.object({
  id: z.string(),
  kind: z.literal('sae'),
  architecture: z.string(),
  name: z.string(),
  /** Which layout its folder had. */
  format: z.string(),
  /** D */
  directions: z.number().int(),
  /** F */
  features: z.number().int(),
  /** Where it belongs; null where it does not say. */
  model: z.string().nullable(),
  hook: z.string().nullable(),
  path: z.string(),
  bytes: z.number(),
})
