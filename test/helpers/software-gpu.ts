// A GPU in software (Chromium's SwiftShader), so that WebGPU is tested on machines without one.
import { existsSync } from 'node:fs'
import type { Device } from '../../src/shared/devices.ts'

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json'

export const webgpu: Device = { id: 'webgpu', provider: 'webgpu', name: 'SwiftShader' }

/** Whether it is there; Vulkan in this process and in those it starts then finds it and nothing else. */
export const softwareGpu = existsSync(driver)
if (softwareGpu) process.env.VK_ICD_FILENAMES = driver
