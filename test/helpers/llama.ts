// The small models of the tests, the devices they run on, and where their reference numbers lie.
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { cpu as processor } from '../../src/main/onnx/device.ts'
import type { Lowering, UsableDevice } from '../../src/shared/devices.ts'

const at = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Four blocks, 64 wide, random weights. */
export const tinyLlama = {
  folder: at('test/golden/tiny-llama'),
  golden: at('test/golden/tiny-llama/golden.safetensors'),
}
/** The model that ships with the app: six blocks, 192 wide. */
export const demoLlama = {
  folder: at('resources/demo/model'),
  golden: at('test/golden/demo-llama.safetensors'),
}

/** The CPU with one of the ways of attention. */
export function cpuWith(float32: Lowering = 'fused'): UsableDevice {
  return { ...processor, float16: false, attention: { float32, float16: null }, gflops: null, memory: null }
}

/** Some tokens, the same for the same seed; every model of the tests has them. */
export function sentence(length: number, seed = 1): number[] {
  return Array.from({ length }, (_, place) => 2 + ((place * 7919 + seed * 104_729) % 500))
}

/** The logarithm of the sum of the exponentials. */
export function logSumOf(logits: Float32Array): number {
  const max = logits.reduce((a, b) => Math.max(a, b))
  return max + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - max), 0))
}

/** Equal up to `tolerance`, divided by the largest number wanted. */
export function expectClose(found: Float32Array, wanted: Float32Array, tolerance = 1e-5): void {
  expect(found).toHaveLength(wanted.length)
  let [worst, largest] = [0, 0]
  for (const [index, number] of wanted.entries()) {
    worst = Math.max(worst, Math.abs(found[index]! - number))
    largest = Math.max(largest, Math.abs(number))
  }
  expect(worst / largest).toBeLessThan(tolerance)
}
