// The software Vulkan driver that Chromium brings: with it WebGPU runs without a GPU.
import { existsSync } from 'node:fs'

const driver = '/usr/lib/chromium/vk_swiftshader_icd.json'
const loaders = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib64/libvulkan.so.1']

/** Why WebGPU cannot be tested here; null when it can. */
export const noWebgpu = !existsSync(driver)
  ? `no software Vulkan driver at ${driver}`
  : !loaders.some(existsSync)
    ? 'no Vulkan loader (libvulkan1)'
    : null

/** Makes WebGPU of this process, and of those it starts, use it. */
export function useSoftwareVulkan(): void {
  process.env.VK_ICD_FILENAMES = driver
}
