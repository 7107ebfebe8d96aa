// A small SAE of any architecture with random weights, for models of the tests.
import { type Sae, type SaeArchitecture, tensorShapes } from '../../src/main/sae/sae.ts'
import { someNumbers } from './run-graph.ts'

/** Of width D with F features; about half of them fire in rows of length 1 and more. */
export function randomSae(architecture: SaeArchitecture, D: number, F: number, more: Partial<Sae> = {}): Sae {
  const form = {
    ...{ architecture, D, F, centred: true, rescaled: false, normalisation: 'none' as const },
    ...((architecture === 'topk' || architecture === 'switch') && { k: 4 }),
    ...(architecture === 'switch' && { experts: 2 }),
    ...more,
  }
  const entries = Object.entries(tensorShapes(architecture, form)).map(([name, shape], index) => {
    const numbers = Float32Array.from(someNumbers(shape, index + 2).data)
    // thresholds are not negative
    return [name, name === 'threshold' ? numbers.map(Math.abs) : numbers] as const
  })
  return { ...form, tensors: Object.fromEntries(entries), metadata: more.metadata ?? {} }
}
