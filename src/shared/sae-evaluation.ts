// What the evaluation of an SAE found.
import { z } from 'zod'

export const evaluationSchema = z.object({
  rows: z.number().int(),
  /** Σ‖x − x̂‖² / Σ‖x − x̄‖². */
  fvu: z.number(),
  explainedVariance: z.number(),
  l0: z.number(),
  /** Share of the features that fire in none of the rows. */
  deadShare: z.number(),
  cosine: z.number(),
  /** Mean ‖x̂‖ divided by mean ‖x‖. */
  shrinkage: z.number(),
  /** Features by their density: those that never fired, then by quarters of powers of ten from 10⁻⁸ up. */
  densities: z.array(z.number()),
  /** Rows of a batch → how many such batches. */
  batches: z.record(z.string(), z.number()),
  contexts: z.number().int(),
  /** Cross entropy in nats a token: as it is, with reconstructions, and with zeros in their place. */
  ceClean: z.number(),
  ceSpliced: z.number(),
  ceAblated: z.number(),
  /** (ablated − spliced) / (ablated − clean). */
  ceRecovered: z.number(),
  /** KL(clean ‖ spliced) in nats a token. */
  kl: z.number(),
})
