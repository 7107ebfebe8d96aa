// Keys and values of the tokens so far, copied by every run or with room behind them for runs that write into it.
import { tensor, type Tensor } from '../onnx/tensor.ts'
import type { LlamaConfig } from './config.ts'
import { cacheName } from './graph/llama-graph.ts'
import type { Precision } from './graph/weights.ts'

/**
 * Goes into one run only, which may write into its memory. B rows, G key heads, R tokens there is room for, C width of
 * a head.
 */
export class Cache {
  readonly tokens: number
  readonly #tensors: readonly Tensor[]
  #spent = false

  private constructor(tokens: number, tensors: readonly Tensor[]) {
    this.tokens = tokens
    this.#tensors = tensors
  }

  static empty({ layers, keyHeads, headWidth }: LlamaConfig, precision: Precision, rows: number): Cache {
    const data = precision === 'float32' ? new Float32Array(0) : new Float16Array(0)
    const none = tensor(precision, [rows, keyHeads, 0, headWidth], data)
    return new Cache(
      0,
      Array.from({ length: 2 * layers }, () => none),
    )
  }

  /** What a run gave, by the names of its outputs. */
  static of(results: Readonly<Record<string, Tensor>>, tokens: number, layers: number): Cache {
    return new Cache(
      tokens,
      cacheNames('present', layers).map((name) => results[name]!),
    )
  }

  /** Its tensors, each (B, G, R, C), for the run that comes next; throws when one has had them. */
  spend(): readonly Tensor[] {
    if (this.#spent) throw new Error('A cache goes into one run only, and this one has been in one.')
    this.#spent = true
    return this.#tensors
  }

  /** The same with room for `total` tokens and, where it has to move, some more, up to `limit`. */
  withRoom(total: number, limit: number): Cache {
    const tensors = this.spend()
    const room = tensors[0]!.shape[2]!
    if (total <= room) return new Cache(this.tokens, tensors)
    const larger = Math.min(Math.max(total + SPARE, Math.ceil(room * GROWTH)), limit)
    return new Cache(
      this.tokens,
      tensors.map((held) => moved(held, this.tokens, larger)),
    )
  }
}

/** Names of the caches of all blocks as inputs, or as outputs with "present", in the order of a `Cache`. */
export function cacheNames(time: 'past' | 'present', layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) =>
    (['key', 'value'] as const).map((part) => cacheName(time, layer, part)),
  ).flat()
}

/** Tokens of room at first, and by how much it grows: however long the text, few of its tokens are moved often. */
const [SPARE, GROWTH] = [256, 1.5]

/** The first `tokens` of each head, in new memory with room for `room`. */
function moved({ dtype, shape, data }: Tensor, tokens: number, room: number): Tensor {
  const [rows, heads, before, width] = shape as [number, number, number, number]
  const from = data as Float32Array
  const Kind = from.constructor as Float32ArrayConstructor
  const to = new Kind(rows * heads * room * width)
  for (let head = 0; head < rows * heads; head++) {
    const at = head * before * width
    to.set(from.subarray(at, at + tokens * width), head * room * width)
  }
  return tensor(dtype, [rows, heads, room, width], to)
}
