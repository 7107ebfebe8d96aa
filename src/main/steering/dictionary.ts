// An SAE as steering uses it: what each feature writes to the stream, and how it reads the stream.
// Letters: D width of the model, F features.
import type { Device } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { SteeringFacts } from '../../shared/steering.ts'
import type { StreamEncoder } from '../llama/llama.ts'
import type { Reads, SteeredFeature } from '../llama/steering.ts'
import type { Value } from '../onnx/graph.ts'
import { tensor } from '../onnx/tensor.ts'
import { encoded, type SaeValues } from '../sae/inference.ts'
import { type Sae, tensorShapes } from '../sae/sae.ts'

/** Bytes of weights up to which a GPU's graph holds them; more are given with every run. */
const HELD = 2 ** 30

export class Dictionary {
  readonly sae: Sae
  /** What an encoder's graph must have for this one; features that read by themselves need none. */
  readonly needsEncoder: boolean

  constructor(sae: Sae) {
    this.sae = sae
    const { architecture, normalisation } = sae
    this.needsEncoder = architecture === 'topk' || architecture === 'switch' || normalisation !== 'none'
  }

  get reads(): SteeringFacts['reads'] {
    // what BatchTopK and its kin choose in a batch is kept as a threshold; that of JumpReLU is its own
    return this.sae.architecture === 'jumprelu' ? 'thresholds' : 'encoder'
  }

  /** Throws `steering/no-feature`. */
  assertHas(feature: number): void {
    if (feature < this.sae.F) return
    throw expected(
      'steering/no-feature',
      `There is no feature ${feature}: the SAE has features 0 to ${this.sae.F - 1}.`,
      'Look the number up on the Features page.',
    )
  }

  /** Throws `steering/reads` where what a feature writes depends on more than its activation. */
  assertClamps(): void {
    const { architecture, normalisation } = this.sae
    if (architecture !== 'switch' && normalisation === 'none') return
    const why =
      architecture === 'switch'
        ? "how much a feature of a switch SAE writes depends on its expert's probability"
        : `the SAE changes rows by ${normalisation} before it reads them`
    throw expected(
      'steering/reads',
      `This SAE's features cannot be clamped or ablated: ${why}.`,
      'They can be added, and be conditions.',
    )
  }

  /** What the feature writes for each unit of its activation (D), and how it reads. Throws `steering/no-feature`, `steering/no-direction`. */
  feature(feature: number, threshold = 0): SteeredFeature & { readonly norm: number } {
    this.assertHas(feature)
    const { D, rescaled, tensors } = this.sae
    const row = tensors.W_dec!.subarray(feature * D, (feature + 1) * D)
    const length = Math.hypot(...row)
    if (!(length > 0)) {
      throw expected(
        'steering/no-direction',
        `Feature ${feature} writes nothing: its decoder row is zero.`,
        'Choose another feature; this one is dead.',
      )
    }
    // such an SAE's activations are those of unit directions
    const direction = rescaled ? row.map((x) => x / length) : row
    return { direction, norm: rescaled ? 1 : length, reads: this.#reads(feature, threshold) }
  }

  /** For a model's graph: all features of the stream; undefined where each reads by itself. */
  encoder({ provider }: Device): StreamEncoder | undefined {
    if (!this.needsEncoder) return undefined
    const { sae } = this
    const shapes = Object.entries(tensorShapes(sae.architecture, sae)).filter(
      // the decoder is needed where activations are multiplied by its norms
      ([name]) => name !== 'W_dec' || sae.rescaled,
    )
    const bytes = shapes.reduce((sum, [name]) => sum + sae.tensors[name]!.byteLength, 0)
    // the CPU takes what it is given where it lies; to a GPU it would travel with every token
    const given = provider === 'cpu' || bytes > HELD
    const inputName = (name: string) => `sae_${name}`
    const feeds = given
      ? shapes.map(
          ([name, shape]) => [inputName(name), tensor('float32', shape, sae.tensors[name]!)] as const,
        )
      : []
    return {
      features: (h: Value) => {
        const { graph } = h
        const values: SaeValues = Object.fromEntries(
          shapes.map(([name, shape]) => [
            name,
            given
              ? graph.input(inputName(name), 'float32', shape)
              : graph.constant(inputName(name), 'float32', shape, sae.tensors[name]!),
          ]),
        )
        return encoded(sae, values, h)
      },
      feeds: () => Object.fromEntries(feeds),
    }
  }

  #reads(feature: number, above: number): Reads {
    if (this.needsEncoder) return { feature, threshold: above }
    const { D, F, architecture, centred, tensors } = this.sae
    let encoder: Float32Array = Float32Array.from({ length: D }, (_, d) => tensors.W_enc![d * F + feature]!)
    const at = (name: string) => tensors[name]![feature]!
    const centre = (bias: number, weights: Float32Array) =>
      centred ? bias - weights.reduce((sum, x, d) => sum + x * tensors.b_dec![d]!, 0) : bias
    if (architecture !== 'gated') {
      const own = architecture === 'jumprelu' ? at('threshold') : 0
      return { encoder, bias: centre(at('b_enc'), encoder), threshold: Math.max(0, own, above) }
    }
    // the gate opens where c·e + b_gate > 0, which is where the magnitude c·e·exp(r) + b_mag is above exp(r)·(−b_gate) + b_mag
    const factor = Math.exp(at('r_mag'))
    encoder = encoder.map((x) => x * factor)
    const opens = at('b_mag') - factor * at('b_gate')
    return { encoder, bias: centre(at('b_mag'), encoder), threshold: Math.max(0, opens, above) }
  }
}
