// Which contexts the model reads together: those of about the same length, so that little of a batch is padding.
import type { Context } from '../tokens/context.ts'

/** Indices into `contexts`, `size` at a time, the longest first; only the last batch may be smaller. */
export function batchesOf(contexts: readonly Pick<Context, 'ids'>[], size: number): number[][] {
  const order = contexts.map((_, index) => index)
  // the order does not depend on the size, so that rows lie in the same places whatever it is
  order.sort((a, b) => contexts[b]!.ids.length - contexts[a]!.ids.length || a - b)
  return Array.from({ length: Math.ceil(order.length / size) }, (_, turn) =>
    order.slice(turn * size, (turn + 1) * size),
  )
}
