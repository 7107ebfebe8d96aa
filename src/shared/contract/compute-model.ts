// What the host asks of the compute process that holds a model for interactive work; ending the process unloads it.
import { z } from 'zod'
import { usableDeviceSchema } from '../devices.ts'
import { readTextSchema } from '../features.ts'
import { analysisSchema, generationEventSchema, modelPrecisionSchema, rowsSchema } from '../generation.ts'
import { steeredBatchSchema, steeringEventSchema, steeringFactsSchema } from '../steering.ts'
import {
  measureEventSchema,
  measureOrderSchema,
  sweepEventSchema,
  sweepOrderSchema,
} from '../steering-effect.ts'
import { command, events, nothing, query } from './define.ts'

/** By which SAE the model is steered, as the host has found it. */
const steerPlaceSchema = z.object({
  /** Folder of the SAE. */
  sae: z.string(),
  hook: z.string(),
  /** SHA-256 of the model that is loaded; null while nobody has computed it. */
  hash: z.string().nullable(),
  /** Mean residual norm at the hook; null where it must be measured. */
  norm: z.object({ mean: z.number(), from: steeringFactsSchema.shape.normFrom }).nullable(),
  /** See `steeringPlaceSchema`. */
  anyName: z.boolean(),
})
export type SteerPlace = z.infer<typeof steerPlaceSchema>

export const modelComputeContract = {
  /** Loads the checkpoint; a process holds one. */
  'model.load': command(
    z.object({
      folder: z.string(),
      /** Where weights of few bits are kept once they are prepared; null for a checkpoint outside of workspaces. */
      own: z.string().nullable(),
      name: z.string(),
      device: usableDeviceSchema,
      precision: modelPrecisionSchema,
    }),
    nothing,
  ),
  /** Every event is a change; ends with an error when it fails. So do the streams below. */
  'model.generate': events(z.object({ rows: rowsSchema }), generationEventSchema),
  'model.steer': events(
    z.object({ place: steerPlaceSchema, batch: steeredBatchSchema }),
    steeringEventSchema,
  ),
  'model.sweep': events(z.object({ place: steerPlaceSchema, order: sweepOrderSchema }), sweepEventSchema),
  'model.measure': events(
    z.object({ place: steerPlaceSchema, order: measureOrderSchema }),
    measureEventSchema,
  ),
  /** The features of an SAE, in the folder `sae`, that reads at the hook, at each token of a text; of some features alone where they are named. */
  'model.codes': query(
    z.object({
      ...{ text: z.string(), sae: z.string(), hook: z.string() },
      features: z.array(z.number().int()).optional(),
    }),
    readTextSchema,
  ),
  'model.analyse': query(z.object({ text: z.string() }), analysisSchema),
}
