// Token ids of several rows for one run, padded at the right, and what the graphs take of them.
import { expected } from '../../shared/errors.ts'
import { tensor, type Tensor } from '../onnx/tensor.ts'
import type { LlamaConfig } from './config.ts'
import { lengthsInput, tokensInput } from './graph/llama-graph.ts'

/** B rows, T tokens. */
export interface Batch {
  readonly rows: number
  readonly tokens: number
  /** (B, T); what follows a row's length may be any id. */
  readonly ids: BigInt64Array
  /** (B): tokens of each row, those in a cache included. */
  readonly lengths: Int32Array
}

/** Rows of ids side by side, as long as the longest or as `tokens` says. */
export function batchOf(rows: readonly ArrayLike<number>[], tokens?: number): Batch {
  const width = tokens ?? Math.max(...rows.map((row) => row.length))
  const ids = new BigInt64Array(rows.length * width)
  for (const [index, row] of rows.entries()) {
    if (row.length > width) throw new Error(`A row of ${row.length} tokens does not fit into ${width}.`)
    for (let place = 0; place < row.length; place++) ids[index * width + place] = BigInt(row[place]!)
  }
  return { rows: rows.length, tokens: width, ids, lengths: Int32Array.from(rows, (row) => row.length) }
}

/** Whether all rows have the same tokens. */
export function isOneRow({ rows, tokens, ids, lengths }: Batch): boolean {
  for (let row = 1; row < rows; row++) {
    if (lengths[row] !== lengths[0]) return false
    for (let token = 0; token < tokens; token++) if (ids[row * tokens + token] !== ids[token]) return false
  }
  return true
}

/** Its first row alone. */
export function firstOf({ tokens, ids, lengths }: Batch): Batch {
  return { rows: 1, tokens, ids: ids.subarray(0, tokens), lengths: lengths.subarray(0, 1) }
}

/**
 * Throws `model/empty` without a token, `model/token` for an id outside the vocabulary, `model/context` for more tokens
 * than there are positions.
 */
export function feedsOf(
  batch: Batch,
  { vocabulary }: LlamaConfig,
  positions: number,
): Record<string, Tensor> {
  const { rows, tokens, ids, lengths } = batch
  if (rows === 0 || tokens === 0)
    throw expected('model/empty', 'There is no token to run.', 'Type some text.')
  // kernels read out of bounds for such an id, or stop with words nobody understands
  const outside = ids.find((id) => id < 0n || id >= BigInt(vocabulary))
  if (outside !== undefined) {
    throw expected(
      'model/token',
      `Token ${outside} is outside the model's vocabulary of ${vocabulary}.`,
      'The tokens belong to another model.',
    )
  }
  const longest = Math.max(...lengths, tokens)
  if (longest > positions) {
    throw expected(
      'model/context',
      `${longest} tokens do not fit into a context of ${positions}.`,
      'Shorten the text, or ask for fewer tokens.',
    )
  }
  return {
    [tokensInput]: tensor('int64', [rows, tokens], ids),
    [lengthsInput]: tensor('int32', [rows], lengths),
  }
}
