// What a kind of sparse autoencoder is: its parameters, and its forward pass with the loss; gradients come from the graph.
// Letters: B rows, D width of the model, F features.
import type { VariantId, VariantOptions } from '../../../shared/sae.ts'
import type { Value } from '../../onnx/graph.ts'
import type { SaeArchitecture } from '../sae.ts'

/** One parameter as it is trained. */
export interface Parameter {
  readonly shape: readonly number[]
  /** The axis of the features, by which decoder rows have their norms and features their state; none: no feature's own. */
  readonly features?: number
  /** It is trained as the transpose of what files hold: the layout in which its products and gradients are fast. */
  readonly transposed?: boolean
}

export type Parameters = Readonly<Record<string, Value>>

/** What a step is told beside its rows. */
export interface Given {
  /** (F) float32, 1 for features that have not fired for long, and 0. */
  readonly dead: Value
  /** Multiplies the term that makes codes sparse: its warm-up. Scalar. */
  readonly warm: Value
  /** Sums over pairs are made part by part (`End`). */
  readonly inParts?: boolean
}

/** Larger than any activation. */
export const NONE_KEPT = 1e30

/** Which features fire in which rows; what nobody asks for is not built. */
export interface Firings {
  /** (F) float32: Σ of the weights (B) of the rows in which each feature fires. */
  among(weights: Value): Value
  /** (B): Σ over the features of what each adds to the row, by length: activation times norm of its direction. */
  mass(): Value
}

export interface Forward {
  /** Mean over the rows of Σ_d (x − x̂)². Scalar. */
  readonly recon: Value
  /** All that is added to `recon` to be the loss. Scalar. */
  readonly penalty: Value
  /** (B, D) */
  readonly reconstruction: Value
  /** (F) float32: in how many rows each feature fired. */
  readonly fired: Value
  readonly firings: Firings
  /**
   * The smallest activation that was kept, `NONE_KEPT` when none was positive; variants whose features share one
   * threshold at inference. Scalar.
   */
  readonly smallest?: Value
}

export interface Variant {
  readonly id: VariantId
  /** What it is once it is trained. */
  readonly architecture: SaeArchitecture
  /** Decoder directions keep norm 1: their gradient loses what lies along them, and each step renormalises. */
  readonly unitDecoder: boolean
  /** Products of all rows with a whole matrix in a step, by which it is planned. */
  readonly products: number
  /**
   * Tensors of B × F numbers that training and validation hold at their peak, by which it is planned: what onnxruntime
   * took on the CPU for F 8192 and B 2048, less what does not grow with B.
   */
  readonly wide: number
  parameters(
    size: { readonly D: number; readonly F: number },
    options: VariantOptions,
  ): Record<string, Parameter>
  /** x (B, D) through the parameters. */
  forward(parameters: Parameters, x: Value, given: Given, options: VariantOptions): Forward
}

/** A parameter that the variant declared. */
export function parameterOf(parameters: Parameters, name: string): Value {
  const found = parameters[name]
  if (!found) throw new Error(`There is no parameter ${name} among ${Object.keys(parameters).join(', ')}.`)
  return found
}
