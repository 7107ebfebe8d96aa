// Reads the reference steps of a variant (test/golden/sae-*.safetensors).
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readSafetensorsHeader } from '../../src/main/llama/safetensors.ts'
import type { VariantId } from '../../src/shared/sae.ts'

export interface SaeGolden {
  readonly hyper: {
    readonly d_in: number
    readonly d_sae: number
    readonly batch: number
    readonly steps: number
    readonly lr: number
    readonly beta1: number
    readonly beta2: number
    readonly grad_clip: number
    readonly l1?: number
    readonly k?: number
    readonly k_aux?: number
    readonly aux_coef?: number
    readonly widths?: number[]
    readonly l0_coef?: number
    readonly bandwidth?: number
    readonly experts?: number
    readonly balance?: number
  }
  tensor(name: string): Float32Array
}

export async function readSaeGolden(id: VariantId): Promise<SaeGolden> {
  const path = join(import.meta.dirname, `../golden/sae-${id}.safetensors`)
  const { tensors, metadata } = await readSafetensorsHeader(path)
  const bytes = await readFile(path)
  return {
    hyper: JSON.parse(metadata.hyper!) as SaeGolden['hyper'],
    tensor: (name) => {
      const { offset, length } = tensors.get(name)!
      return new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer)
    },
  }
}
