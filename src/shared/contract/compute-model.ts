// What the host asks of the compute process that holds a model for interactive work; ending the process unloads it.
import { z } from 'zod'
import { usableDeviceSchema } from '../devices.ts'
import { readTextSchema } from '../features.ts'
import { analysisSchema, generationEventSchema, modelPrecisionSchema, rowsSchema } from '../generation.ts'
import { command, nothing, query, stream } from './define.ts'

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
      /** Where the residual stream is read; null where nobody reads it. */
      hook: z.string().nullable(),
    }),
    nothing,
  ),
  /** Every event is a change; ends with an error when it fails. */
  'model.generate': stream({
    input: z.object({ rows: rowsSchema }),
    snapshot: nothing,
    delta: generationEventSchema,
    apply: () => undefined,
  }),
  /** The features of an SAE, in the folder `sae`, at each token of a text; of some features alone where they are named. */
  'model.codes': query(
    z.object({ text: z.string(), sae: z.string(), features: z.array(z.number().int()).optional() }),
    readTextSchema,
  ),
  'model.analyse': query(z.object({ text: z.string() }), analysisSchema),
}
