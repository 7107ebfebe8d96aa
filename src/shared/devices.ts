// Devices that compute: what was found of each, whether its numbers are right, and which one is used.
import { z } from 'zod'

/** The execution providers of onnxruntime that are used, the fastest first. */
export const providerSchema = z.enum(['cuda', 'webgpu', 'cpu'])
export type Provider = z.infer<typeof providerSchema>

export const deviceSchema = z.object({
  /** "cuda:0", "webgpu", "cpu". */
  id: z.string(),
  provider: providerSchema,
  /** As people know it: "NVIDIA GeForce RTX 4090". */
  name: z.string(),
})
export type Device = z.infer<typeof deviceSchema>

/** One calculation done on a device and on the CPU. */
export const deviceCheckSchema = z.object({
  id: z.string(),
  title: z.string(),
  /** `unsupported`: the device cannot do it at all, so nothing was compared. */
  state: z.enum(['passed', 'failed', 'unsupported']),
  /** Largest difference, divided by the CPU's largest number; null when nothing was compared. */
  error: z.number().nullable(),
  /** The error from which it counts as failed. */
  tolerance: z.number(),
  /** What differs where, or why it could not be done. */
  note: z.string().nullable(),
  /** Operations of it that onnxruntime silently gave to the CPU. */
  onCpu: z.array(z.string()),
})
export type DeviceCheck = z.infer<typeof deviceCheckSchema>

/** How attention is computed: by the provider's own kernel, or as products and a softmax. */
export const loweringSchema = z.enum(['fused', 'spelled-out'])
export type Lowering = z.infer<typeof loweringSchema>

export const numericsSchema = z.object({
  checks: z.array(deviceCheckSchema),
  /** All that LLaMA and SAE work needs in float32 agrees with the CPU. */
  float32: z.boolean(),
  /** The same in float16; null when the device has none, so nothing was checked. */
  float16: z.boolean().nullable(),
  /** The fastest lowering of attention that passed, by type; null when none did. */
  attention: z.object({ float32: loweringSchema.nullable(), float16: loweringSchema.nullable() }),
  /** Billions of float32 additions and multiplications a second, in products of 512 × 512 matrices. */
  gflops: z.number(),
})
export type Numerics = z.infer<typeof numericsSchema>

/** What would make a device usable: a command to run, or something the app itself can do. */
export const fixSchema = z.object({
  text: z.string(),
  command: z.string().optional(),
  /** What a button of the app does about it. */
  action: z.enum(['setup-cuda', 'probe']).optional(),
})
export type Fix = z.infer<typeof fixSchema>

export const deviceStatusSchema = deviceSchema.extend({
  /** Bytes of its own memory; null where it has none or nothing tells. */
  memory: z.number().nullable(),
  driver: z.string().nullable(),
  state: z.enum(['waiting', 'probing', 'usable', 'unusable']),
  /** What is being checked, while it is probed. */
  checking: z.string().nullable(),
  /** Why it is unusable. */
  reason: z.string().nullable(),
  fix: fixSchema.nullable(),
  /** Null until the device has answered. */
  numerics: numericsSchema.nullable(),
  /** When it was probed, in milliseconds since the epoch. */
  probedAt: z.number().nullable(),
})
export type DeviceStatus = z.infer<typeof deviceStatusSchema>

export const devicesStateSchema = z.object({
  /** In the order in which they are preferred. */
  devices: z.array(deviceStatusSchema),
  /** "auto", or the id a person chose. */
  choice: z.string(),
  /** The device heavy work runs on; null while none is known to be usable. */
  chosen: z.string().nullable(),
})
export type DevicesState = z.infer<typeof devicesStateSchema>

/** A device that may be used, and how. */
export const usableDeviceSchema = deviceSchema.extend({
  float16: z.boolean(),
  attention: numericsSchema.shape.attention,
  /** As its probe measured it; null where that is not known. */
  gflops: numericsSchema.shape.gflops.nullable(),
  memory: deviceStatusSchema.shape.memory,
})
export type UsableDevice = z.infer<typeof usableDeviceSchema>

/**
 * The first usable device that is not slower than the CPU: where there is no GPU, WebGPU may be software that calculates
 * on the CPU, many times slower than onnxruntime does.
 */
export function preferred(devices: readonly DeviceStatus[]): DeviceStatus | undefined {
  const usable = devices.filter(({ state }) => state === 'usable')
  return usable.find((device) => !isSlow(device, devices)) ?? usable[0]
}

/** Whether the device was measured to be slower than the CPU. */
export function isSlow(device: DeviceStatus, devices: readonly DeviceStatus[]): boolean {
  const processor = devices.find(({ provider }) => provider === 'cpu')?.numerics
  return processor != null && device.numerics !== null && device.numerics.gflops < processor.gflops
}

/** The devices work may use, the chosen one first. */
export function usableDevices({ devices, chosen }: DevicesState): UsableDevice[] {
  return devices
    .flatMap(({ id, provider, name, state, numerics, memory }) => {
      if (state !== 'usable' || !numerics) return []
      const { attention, gflops } = numerics
      return [{ id, provider, name, float16: numerics.float16 === true, attention, gflops, memory }]
    })
    .sort((a, b) => Number(b.id === chosen) - Number(a.id === chosen))
}
