// A sparse autoencoder ready for use: what kind it is, its tensors, and where it belongs.
// Letters: D width of the model, F features.

/** SAELens' names, and our own for what SAELens does not have. */
export const architectures = ['standard', 'topk', 'gated', 'jumprelu', 'switch'] as const
export type SaeArchitecture = (typeof architectures)[number]

/** How rows are changed before they are encoded, and reconstructions changed back; as SAELens names them. */
export const normalisations = ['none', 'constant_norm_rescale', 'layer_norm'] as const
export type Normalisation = (typeof normalisations)[number]

/** Names and shapes of an architecture's tensors, as SAELens writes them. */
export function tensorShapes(
  architecture: SaeArchitecture,
  { D, F, experts = 1 }: { readonly D: number; readonly F: number; readonly experts?: number },
): Record<string, readonly number[]> {
  const common = { W_enc: [D, F], W_dec: [F, D], b_dec: [D] }
  switch (architecture) {
    case 'standard':
    case 'topk':
      return { ...common, b_enc: [F] }
    case 'jumprelu':
      return { ...common, b_enc: [F], threshold: [F] }
    case 'gated':
      return { ...common, b_gate: [F], b_mag: [F], r_mag: [F] }
    case 'switch':
      return { ...common, W_router: [D, experts], b_router: [D] }
  }
}

/** Along which axis a tensor of `tensorShapes` has the features; null for one that has none. */
export function featureAxis(name: string): 0 | 1 | null {
  if (name === 'W_enc') return 1
  return name === 'b_dec' || name === 'W_router' || name === 'b_router' ? null : 0
}

/** All that fixes what an SAE computes, but its numbers. */
export interface SaeForm {
  readonly architecture: SaeArchitecture
  readonly D: number
  readonly F: number
  /** Active features of a row (topk, switch). */
  readonly k?: number
  /** (switch) */
  readonly experts?: number
  /** b_dec is subtracted from rows before they are encoded. */
  readonly centred: boolean
  /** Activations before the choice of the k are multiplied by their decoder norms, and divided by them to decode (topk). */
  readonly rescaled: boolean
  readonly normalisation: Normalisation
}

export interface Sae extends SaeForm {
  /** Float32, by name, in the shapes of `tensorShapes`. */
  readonly tensors: Readonly<Record<string, Float32Array>>
  /** What is known of its origin, in SAELens' words: model_name, hook_name, context_size, prepend_bos … */
  readonly metadata: Readonly<Record<string, unknown>>
}
