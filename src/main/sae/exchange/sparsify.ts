// Reads EleutherAI's sparsify folders: cfg.json and sae.safetensors, a TopK SAE of a block's residual stream.
import { basename, join } from 'node:path'
import { expected } from '../../../shared/errors.ts'
import type { Sae } from '../sae.ts'
import { transposed } from '../initial.ts'
import { CONFIG } from '../sae-folder.ts'
import { objectOf, TensorFile, wholeNumber } from './tensor-file.ts'

export const SPARSIFY_WEIGHTS = 'sae.safetensors'

/** `json` is the folder's cfg.json. Throws `sae/…`, and what reading the weights throws. */
export async function readSparsify(folder: string, json: unknown): Promise<Sae> {
  const path = join(folder, CONFIG)
  const config = objectOf(json, path)
  for (const [key, plain] of Object.entries({ transcode: false, skip_connection: false, signed: false })) {
    if ((config[key] ?? plain) === plain) continue
    throw expected(
      'sae/architecture',
      `${path} has ${key} set, and plain autoencoders are read.`,
      'Choose one that was trained without it.',
    )
  }
  if ((config.activation ?? 'topk') !== 'topk') {
    throw expected(
      'sae/architecture',
      `${path} has the activation function "${String(config.activation)}", and topk is read.`,
      'Choose one that was trained with topk.',
    )
  }
  const D = wholeNumber(config, 'd_in', path)
  const named = typeof config.num_latents === 'number' && config.num_latents > 0
  const F = named
    ? wholeNumber(config, 'num_latents', path)
    : D * wholeNumber(config, 'expansion_factor', path)
  const file = await TensorFile.open(join(folder, SPARSIFY_WEIGHTS))
  const layer = /layers[._](\d+)/.exec(basename(folder))?.[1]
  return {
    ...{ architecture: 'topk', D, F, k: wholeNumber(config, 'k', path) },
    ...{ centred: true, rescaled: false, normalisation: 'none' },
    tensors: {
      W_enc: transposed(await file.read('encoder.weight', [F, D]), F, D),
      b_enc: await file.read('encoder.bias', [F]),
      W_dec: await file.read('W_dec', [F, D]),
      b_dec: await file.read('b_dec', [D]),
    },
    metadata: layer === undefined ? {} : { hook_name: `blocks.${layer}.hook_resid_post` },
  }
}
