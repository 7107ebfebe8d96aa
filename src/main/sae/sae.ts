// A sparse autoencoder ready for use: what kind it is, its tensors, and where it belongs.
// Letters: D width of the model, F features, E experts.

/** SAELens' names, and our own for what SAELens does not have. */
export const architectures = ['standard', 'topk', 'gated', 'jumprelu', 'switch'] as const
export type SaeArchitecture = (typeof architectures)[number]

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

export interface Sae {
  readonly architecture: SaeArchitecture
  readonly D: number
  readonly F: number
  /** Active features of a row (topk, switch). */
  readonly k?: number
  /** (switch) */
  readonly experts?: number
  /** Float32, by name, in the shapes of `tensorShapes`. */
  readonly tensors: Readonly<Record<string, Float32Array>>
  /** What of is known of its origin, in SAELens' words: model_name, hook_name, context_size, prepend_bos … */
  readonly metadata: Readonly<Record<string, unknown>>
}
