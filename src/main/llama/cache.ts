// Keys and values of the tokens so far, which the next run goes on from.
// Letters: B rows, R rows before the hook (B, or 1 for rows of one prompt), G key heads, P tokens there is room for, C head width.
import { release, tensor, type Tensor } from '../onnx/tensor.ts'

export interface Cache {
  readonly tokens: number
  /** By the names the graph gives them, each (B, G, P, C), or (R, G, P, C) after the prompt. */
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** Room is made for a multiple of so many tokens. */
const STEP = 16

/**
 * Each with all of `rows`, and with room for so many more tokens: as it is, or copied, and then the old ones are given
 * back.
 */
export function laidOut(
  { tokens: written, tensors }: Cache,
  rows: number,
  more: number,
): Readonly<Record<string, Tensor>> {
  const tokens = written + more
  const room = more === 0 ? tokens : Math.ceil(tokens / STEP) * STEP
  return Object.fromEntries(
    Object.entries(tensors).map(([name, old]) => {
      const [oldRows, keyHeads, oldRoom, width] = old.shape as [number, number, number, number]
      if (oldRows === rows && oldRoom >= tokens) return [name, old]
      const Data = old.data.constructor as Float32ArrayConstructor
      const data = new Data(rows * keyHeads * room * width)
      for (let row = 0; row < rows; row++) {
        for (let head = 0; head < keyHeads; head++) {
          const from = ((oldRows === 1 ? 0 : row) * keyHeads + head) * oldRoom * width
          const kept = old.data.subarray(from, from + written * width) as Float32Array
          data.set(kept, (row * keyHeads + head) * room * width)
        }
      }
      release(old.data)
      return [name, tensor(old.dtype, [rows, keyHeads, room, width], data)]
    }),
  )
}
