// Places in a model where its inner state can be read and written, named as TransformerLens names them.
import { expected } from '../../shared/errors.ts'
import type { LlamaConfig } from './config.ts'

/** Before a block, what its attention and its MLP add to the residual stream, and after it. */
const places = ['resid_pre', 'attn_out', 'mlp_out', 'resid_post'] as const
type Place = (typeof places)[number]

export type HookName = `blocks.${number}.hook_${Place}`

/** Every hook of a model, in the order its data passes them. */
export function hooksOf({ layers }: Pick<LlamaConfig, 'layers'>): HookName[] {
  return Array.from({ length: layers }, (_, layer) =>
    places.map((place): HookName => `blocks.${layer}.hook_${place}`),
  ).flat()
}

/** `name` as a hook of the model; throws `hook/unknown`. */
export function hookOf(name: string, config: Pick<LlamaConfig, 'layers'>): HookName {
  const hook = hooksOf(config).find((candidate) => candidate === name)
  if (hook) return hook
  throw expected(
    'hook/unknown',
    `The model has no hook "${name}".`,
    `It has blocks.0 to blocks.${config.layers - 1}, each with ${places.map((place) => `hook_${place}`).join(', ')}.`,
  )
}
