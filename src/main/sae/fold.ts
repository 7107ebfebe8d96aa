// Makes of trained parameters an SAE for the model's own units, with decoder directions of norm 1.
// Letters: D width of the model, F features.
import type { VariantId, VariantOptions } from '../../shared/sae.ts'
import type { Tensor } from '../onnx/tensor.ts'
import { transposed } from './initial.ts'
import type { Sae } from './sae.ts'
import { THRESHOLD_MEAN } from './step.ts'
import { variants } from './variants/index.ts'

interface Trained {
  readonly variant: VariantId
  readonly D: number
  readonly F: number
  readonly options: VariantOptions
  readonly state: Readonly<Record<string, Tensor>>
  /** Rows were multiplied by this before they were trained on. */
  readonly scale: number
  readonly metadata: Readonly<Record<string, unknown>>
}

/**
 * With s the scale and m each feature's decoder norm, the encoder is multiplied by m, biases and thresholds of features
 * by m/s, the decoder divided by m and b_dec by s: activations come out m/s times as large, reconstructions s times as
 * small, as the rows do.
 */
export function folded({ variant, D, F, options, state, scale, metadata }: Trained): Sae {
  const parameters = variants[variant].parameters({ D, F }, options)
  /** As files hold it: W_enc (D, F), W_dec (F, D). */
  const exported = (name: string): Float32Array<ArrayBuffer> => {
    const { shape, transposed: turned } = parameters[name]!
    const data = state[name]!.data as Float32Array
    return turned ? transposed(data, shape[0]!, shape[1]!) : Float32Array.from(data)
  }
  const W_dec = exported('W_dec')
  const W_enc = exported('W_enc')
  const norms = Float64Array.from({ length: F }, (_, feature) =>
    Math.sqrt(W_dec.subarray(feature * D, (feature + 1) * D).reduce((sum, x) => sum + x ** 2, 0)),
  )
  for (let at = 0; at < W_dec.length; at++) W_dec[at]! /= norms[Math.floor(at / D)]!
  for (let at = 0; at < W_enc.length; at++) W_enc[at]! *= norms[at % F]!
  const perFeature = (values: Float32Array) =>
    values.map((value, feature) => (value * norms[feature]!) / scale)
  const tensors: Record<string, Float32Array> = {
    W_enc,
    W_dec,
    b_dec: exported('b_dec').map((x) => x / scale),
  }
  for (const name of ['b_enc', 'b_gate', 'b_mag', 'threshold'] as const) {
    if (name in parameters) tensors[name] = perFeature(exported(name))
  }
  if ('r_mag' in parameters) tensors.r_mag = exported('r_mag')
  if ('W_router' in parameters) {
    tensors.W_router = exported('W_router').map((x) => x * scale)
    tensors.b_router = exported('b_router').map((x) => x / scale)
  }
  const { architecture } = variants[variant]
  if (architecture === 'jumprelu' && !tensors.threshold) {
    const mean = Math.max(0, state[THRESHOLD_MEAN]!.data[0] as number)
    tensors.threshold = perFeature(new Float32Array(F).fill(mean))
  }
  return {
    ...{ architecture, D, F, tensors, metadata },
    ...{ centred: true, rescaled: false, normalisation: 'none' },
    ...((architecture === 'topk' || architecture === 'switch') && { k: options.k }),
    ...(architecture === 'switch' && { experts: options.experts }),
  }
}
