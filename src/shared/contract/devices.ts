// The devices over the wire: what each can do, which one is used, and what the machine has.
import { z } from 'zod'
import { devicesStateSchema } from '../devices.ts'
import { command, latest, nothing, query } from './define.ts'

const gpuSchema = z.object({
  index: z.number().int(),
  name: z.string(),
  /** Bytes. */
  memory: z.number().nullable(),
  driver: z.string().nullable(),
})

/** The software and hardware under the devices, as the doctor tells it. */
export const platformReportSchema = z.object({
  onnxruntime: z.string(),
  node: z.string(),
  /** Null in a headless host. */
  electron: z.string().nullable(),
  /** What nvidia-smi lists. */
  gpus: z.array(gpuSchema),
  /** The newest CUDA version the NVIDIA driver serves. */
  cuda: z.string().nullable(),
  /** Libraries of CUDA and cuDNN the system's loader knows: "libcudart.so.13". */
  libraries: z.array(z.string()),
})
export type PlatformReport = z.infer<typeof platformReportSchema>

export const devicesContract = {
  /** Resolves once every device has been probed; earlier results are remembered. */
  'devices.list': query(nothing, devicesStateSchema),
  /** The state as it is, and as it changes; watching begins the probes that are due. */
  'devices.watch': latest(nothing, devicesStateSchema),
  /** Begins to probe every device again, whatever is remembered. */
  'devices.probe': command(nothing, nothing),
  /** "auto" or the id of a usable device; rejects `device/unknown` and `device/unusable`. */
  'devices.choose': command(z.object({ id: z.string() }), devicesStateSchema),
  'devices.platform': query(nothing, platformReportSchema),
}
