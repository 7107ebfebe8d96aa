// An SAE that is read for some of its features at a time, so that its width takes no memory.
// Letters: D width of the model, F features.
import { featureAxis, type Sae, type SaeForm, tensorShapes } from './sae.ts'

export interface SaeParts extends SaeForm, Pick<Sae, 'metadata'> {
  /**
   * A tensor of `tensorShapes`, of `count` features from `from` on: W_enc (D, count), W_dec (count, D), biases (count);
   * what has no features whole. It is the caller's. Rejects with `sae/…`, `disk/…`, `checkpoint/truncated`.
   */
  read(name: string, from: number, count: number): Promise<Float32Array>
}

export function partsInMemory({ tensors, ...form }: Sae): SaeParts {
  const { D, F } = form
  return {
    ...form,
    read: (name, from, count) => {
      const all = tensors[name]
      if (!all) return Promise.reject(new Error(`The SAE has no tensor ${name}.`))
      const axis = featureAxis(name)
      if (axis === null) return Promise.resolve(all.slice())
      if (axis === 0) {
        const each = all.length / F
        return Promise.resolve(all.slice(from * each, (from + count) * each))
      }
      const part = new Float32Array(D * count)
      for (let row = 0; row < D; row++)
        part.set(all.subarray(row * F + from, row * F + from + count), row * count)
      return Promise.resolve(part)
    },
  }
}

/** The tensors with which rows are encoded, in the shapes they have for `count` features. */
export function encoderShapes(form: SaeForm, count: number): [name: string, shape: readonly number[]][] {
  return Object.entries(tensorShapes(form.architecture, { ...form, F: count })).filter(
    // the decoder is needed where activations are multiplied by its norms
    ([name]) => name !== 'W_dec' || form.rescaled,
  )
}
