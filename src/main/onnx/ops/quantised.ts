// Products with matrices whose numbers are held in few bits, and rows looked up in them.
import { emitOne, misfit, type Value } from '../graph.ts'

/** W (N, K) = scale · (q − middle), in blocks along K that share a scale; the middle is half of what q can be. */
export interface QuantisedMatrix {
  /** Of q. */
  readonly bits: 4 | 8
  /** Numbers that share a scale, a power of two from 16 on. */
  readonly block: number
  /** uint8 (N, K/block, block·bits/8): the q of each block in order; of two in a byte the first is the lower half. */
  readonly numbers: Value
  /** (N, K/block) */
  readonly scales: Value
}

/** How x enters a product: as it is, or rounded to 8 bits in blocks as W's, which is several times as fast on CPUs. */
export type Accuracy = 'float32' | 'int8'

/** x·Wᵀ (…, N) for x (…, K). For weights that stay as they are: it cannot be differentiated. */
export function matMulNBits(
  x: Value,
  matrix: QuantisedMatrix & {
    /** uint8 (N, ⌈K/block·bits/8⌉): the q that mean 0 instead of the middle, packed like the numbers. */
    readonly zeros?: Value
  },
  accuracy: Accuracy,
): Value {
  const { numbers, scales, zeros, bits, block } = matrix
  const inputs = [x, numbers, scales, ...(zeros ? [zeros] : [])]
  const [rows, count, bytes] = numbers.shape
  if (
    numbers.dtype !== 'uint8' ||
    numbers.rank !== 3 ||
    typeof rows !== 'number' ||
    typeof count !== 'number' ||
    bytes !== (block * bits) / 8
  ) {
    throw misfit('matMulNBits', inputs, `the numbers must be uint8[N, K/${block}, ${(block * bits) / 8}].`)
  }
  if (scales.dtype !== x.dtype || scales.shape.join() !== [rows, count].join()) {
    throw misfit('matMulNBits', inputs, `the scales must be ${x.dtype}[${rows}, ${count}].`)
  }
  if (x.shape.at(-1) !== count * block) {
    throw misfit(
      'matMulNBits',
      inputs,
      `the inner dimensions differ, ${x.shape.at(-1)} and ${count * block}.`,
    )
  }
  const zeroBytes = Math.ceil((count * bits) / 8)
  if (zeros && (zeros.dtype !== 'uint8' || zeros.shape.join() !== [rows, zeroBytes].join())) {
    throw misfit('matMulNBits', inputs, `the zeros must be uint8[${rows}, ${zeroBytes}].`)
  }
  return emitOne({
    op: 'MatMulNBits',
    domain: 'com.microsoft',
    inputs,
    dtype: x.dtype,
    shape: [...x.shape.slice(0, -1), rows],
    attributes: {
      K: count * block,
      N: rows,
      bits,
      block_size: block,
      accuracy_level: accuracy === 'int8' ? 4 : 1,
    },
  })
}

/**
 * The rows (…, K) of W that `indices` (…) name, W's numbers given as one row of bytes for each of its rows: uint8
 * (N, K·bits/8).
 */
export function gatherNBits(matrix: QuantisedMatrix, indices: Value): Value {
  const { numbers, scales, bits, block } = matrix
  const inputs = [numbers, scales, indices]
  const [rows, count] = scales.shape
  if (
    scales.rank !== 2 ||
    typeof count !== 'number' ||
    numbers.dtype !== 'uint8' ||
    numbers.shape.join() !== [rows, (count * block * bits) / 8].join()
  ) {
    throw misfit(
      'gatherNBits',
      inputs,
      `the numbers must be uint8[N, K·${bits}/8], the scales [N, K/${block}].`,
    )
  }
  return emitOne({
    op: 'GatherBlockQuantized',
    domain: 'com.microsoft',
    inputs: [numbers, indices, scales],
    dtype: scales.dtype,
    shape: [...indices.shape, count * block],
    attributes: { bits, block_size: block, gather_axis: 0, quantize_axis: 1 },
  })
}
