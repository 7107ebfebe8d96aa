// Reads Llama Scope folders (He et al., 2024): hyperparams.json and checkpoints/final.safetensors, one threshold for all.
import { join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import type { Sae } from '../sae.ts'
import { transposed } from '../initial.ts'
import { objectOf, TensorFile, wholeNumber } from './tensor-file.ts'

export const LLAMA_SCOPE_CONFIG = 'hyperparams.json'

/** `json` is the folder's hyperparams.json. Throws `sae/…`, and what reading the weights throws. */
export async function readLlamaScope(folder: string, json: unknown): Promise<Sae> {
  const path = join(folder, LLAMA_SCOPE_CONFIG)
  const config = objectOf(json, path)
  const [D, F] = [wholeNumber(config, 'd_model', path), wholeNumber(config, 'd_sae', path)]
  const norms = objectOf(config.dataset_average_activation_norm ?? {}, path)
  const [norm, threshold] = [norms.in, config.jump_relu_threshold]
  if (typeof norm !== 'number' || !(norm > 0) || typeof threshold !== 'number') {
    throw expected(
      'sae/foreign',
      `${path} does not say dataset_average_activation_norm.in and jump_relu_threshold.`,
      'It is no configuration of Llama Scope, or it is damaged.',
    )
  }
  // rows were trained on at a mean norm of √D: that scale goes into the weights, and into the threshold as SAELens does
  const scale = Math.sqrt(D) / norm
  const file = await TensorFile.open(join(folder, 'checkpoints', 'final.safetensors'))
  const scaled = (numbers: Float32Array, factor: number) => numbers.map((x) => x * factor)
  return {
    ...{ architecture: 'jumprelu', D, F, centred: false, rescaled: false, normalisation: 'none' },
    tensors: {
      W_enc: scaled(transposed(await file.read('encoder.weight', [F, D]), F, D), scale),
      b_enc: await file.read('encoder.bias', [F]),
      W_dec: scaled(transposed(await file.read('decoder.weight', [D, F]), D, F), 1 / scale),
      b_dec: scaled(await file.read('decoder.bias', [D]), 1 / scale),
      threshold: new Float32Array(F).fill(threshold * scale),
    },
    metadata: { hook_name: config.hook_point_in },
  }
}
