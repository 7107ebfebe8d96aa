// Attention in both its lowerings, at the lengths where kernels switch their way of working.
import type { Lowering } from '../../shared/devices.ts'
import { attention } from './attention.ts'
import { type Check, type CheckCase, Numbers } from './check.ts'
import { tensor, type Tensor } from './tensor.ts'

const [heads, keyHeads, width] = [4, 2, 16]
/** Some kernels change at the width of a subgroup of the GPU, which is 32 or a multiple on most. */
const LENGTHS = [1, 31, 32, 33, 128]
const POSITIONS = 129
const ROTARY_BASE = 10_000

/** Each lowering with all tokens at once, and with one token after those in a cache. */
export const attentionChecks: readonly (Check & { readonly lowering: Lowering })[] = [false, true].flatMap(
  (cached) =>
    (['fused', 'spelled-out'] as const).map((lowering) => ({
      id: `attention-${lowering}${cached ? '-cached' : ''}`,
      title: `${lowering === 'fused' ? 'Attention by the provider’s kernel' : 'Attention as products and a softmax'}${cached ? ' with a cache' : ''}`,
      lowering,
      float16: true,
      build: attentionIn(lowering, cached),
      reference: attentionIn('spelled-out', cached),
      cases: () => LENGTHS.map((length) => attend(length, cached)),
    })),
)

function attentionIn(lowering: Lowering, cached: boolean): Check['build'] {
  return (graph, narrow) => {
    const floats = (name: string, shape: (number | string)[]) => narrow(graph.input(name, 'float32', shape))
    const inputs = {
      query: floats('query', ['B', 'T', heads * width]),
      key: floats('key', ['B', 'T', keyHeads * width]),
      value: floats('value', ['B', 'T', keyHeads * width]),
      lengths: graph.input('lengths', 'int32', ['B']),
      cos: floats('cos', [POSITIONS, width / 2]),
      sin: floats('sin', [POSITIONS, width / 2]),
    }
    const past = cached && {
      key: floats('past_key', ['B', keyHeads, 'P', width]),
      value: floats('past_value', ['B', keyHeads, 'P', width]),
    }
    const { output } = attention({ ...inputs, ...(past && { past }) }, { heads, keyHeads }, lowering)
    return { output }
  }
}

/** Two rows: `length` tokens, of which the second has a third less and is padded; or one token after `length`. */
function attend(length: number, cached: boolean): CheckCase {
  const numbers = new Numbers(100 + length)
  const [batch, tokens] = [2, cached ? 1 : length]
  const lengths = cached ? [length + 1, length + 1] : [length, Math.ceil((length * 2) / 3)]
  const feeds: Record<string, Tensor> = {
    query: numbers.floats([batch, tokens, heads * width], 3),
    key: numbers.floats([batch, tokens, keyHeads * width], 3),
    value: numbers.floats([batch, tokens, keyHeads * width]),
    lengths: tensor('int32', [batch], Int32Array.from(lengths)),
    cos: rotary(Math.cos),
    sin: rotary(Math.sin),
  }
  if (cached) {
    feeds.past_key = numbers.floats([batch, keyHeads, length, width], 3)
    feeds.past_value = numbers.floats([batch, keyHeads, length, width])
  }
  const label = `${length} ${length === 1 ? 'token' : 'tokens'}${cached ? ' before' : ''}`
  return { label, feeds, ...(!cached && { lengths }) }
}

/** (positions, width / 2) cosines or sines of LLaMA's angles. */
function rotary(of: (angle: number) => number): Tensor {
  const half = width / 2
  const angles = Array.from({ length: POSITIONS * half }, (_, index) => {
    const [position, pair] = [Math.floor(index / half), index % half]
    return of(position * ROTARY_BASE ** (-pair / half))
  })
  return tensor('float32', [POSITIONS, half], Float32Array.from(angles))
}
