// What the host asks of the compute process that holds a model for interactive work; ending the process unloads it.
import { z } from 'zod'
import { usableDeviceSchema } from '../devices.ts'
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
  'model.analyse': query(z.object({ text: z.string() }), analysisSchema),
}
