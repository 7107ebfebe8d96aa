// A reference file: what transformers computed for a model, as tensors to compare with.
import { expected } from '../../shared/errors.ts'
import { withInputFile } from './input-file.ts'
import { readSafetensorsHeader } from './safetensors.ts'

export interface Golden {
  readonly rows: number
  /** T, of every row; shorter ones are padded at the right. */
  readonly tokens: number
  /** (B, T) */
  readonly ids: BigInt64Array
  /** (B) */
  readonly lengths: Int32Array
  /** By number of blocks run, 0 for the embedding: the residual stream (B, T, D). */
  readonly hidden: ReadonlyMap<number, Float32Array>
  /** (B, T, V), or (B, V) of each row's last token. */
  readonly logits: Float32Array
  /** Whether the logits are those of the last tokens alone. */
  readonly lastOnly: boolean
  /**
   * The most likely continuation of row 0 without its first token: that is token 0, which transformers' `generate`
   * takes for padding and masks.
   */
  readonly greedy: readonly number[]
}

/** Throws `golden/…` for a file that is none, and what reading a safetensors file throws. */
export async function readGolden(path: string): Promise<Golden> {
  const { tensors } = await readSafetensorsHeader(path)
  const read = async (name: string, dtype: 'I64' | 'F32', rank: readonly number[]) => {
    const tensor = tensors.get(name)
    if (tensor?.dtype !== dtype || !rank.includes(tensor.shape.length)) {
      throw expected(
        'golden/incomplete',
        `${path} is no reference file: it has no ${name} (${dtype}, ${rank.join(' or ')} axes).`,
        'Reference files hold input_ids, lengths, hidden.N, logits and greedy.',
      )
    }
    const { shape, offset, length } = tensor
    const bytes = await withInputFile(path, (file) => file.read(offset, length))
    // a copy, because views of numbers want to begin at a multiple of their size
    return { shape, buffer: Uint8Array.from(bytes).buffer }
  }
  const integers = async (name: string, rank: readonly number[]) => {
    const { shape, buffer } = await read(name, 'I64', rank)
    return { shape, data: new BigInt64Array(buffer) }
  }
  const floats = async (name: string, rank: readonly number[]) => {
    const { shape, buffer } = await read(name, 'F32', rank)
    return { shape, data: new Float32Array(buffer) }
  }
  const { shape, data: ids } = await integers('input_ids', [2])
  const lengths = await integers('lengths', [1])
  const logits = await floats('logits', [2, 3])
  const greedy = await integers('greedy', [1])
  const hidden = new Map<number, Float32Array>()
  for (const name of tensors.keys()) {
    const blocks = /^hidden\.(\d+)$/.exec(name)?.[1]
    if (blocks !== undefined) hidden.set(Number(blocks), (await floats(name, [3])).data)
  }
  return {
    ...{ rows: shape[0]!, tokens: shape[1]!, ids, hidden },
    lengths: Int32Array.from(lengths.data, Number),
    logits: logits.data,
    lastOnly: logits.shape.length === 2,
    greedy: Array.from(greedy.data, Number),
  }
}
