// How far a model's numbers here are from those of transformers: hidden states, logits, and the most likely text.
import type { UsableDevice } from '../../shared/devices.ts'
import { expected } from '../../shared/errors.ts'
import type { Batch } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Golden } from './golden.ts'
import type { Precision } from './graph/weights.ts'
import { Harvester } from './harvester.ts'
import type { HookName } from './hook.ts'
import { Llama } from './llama.ts'

export interface Parity {
  /** Largest differences, and the same divided by the largest number of the tensor it is found in. */
  readonly maxAbsHidden: number
  readonly maxRelHidden: number
  readonly maxAbsLogit: number
  readonly maxRelLogit: number
  /** Whether the most likely continuation is the same, token for token. */
  readonly greedyMatch: boolean
}

interface ParityOptions {
  readonly device: UsableDevice
  readonly precision?: Precision
  /** Called between runs, with how many of how many comparisons are done. */
  readonly onProgress?: (done: number, total: number) => Promise<void>
}

/** Throws `golden/mismatch` for a reference of another model. */
export async function checkParity(
  checkpoint: Checkpoint,
  golden: Golden,
  { onProgress, ...options }: ParityOptions,
): Promise<Parity> {
  assertSame(golden, checkpoint)
  const { rows, tokens, ids, lengths } = golden
  const batch: Batch = { rows, tokens, ids, lengths }
  const total = golden.hidden.size + 2
  let done = 0
  await onProgress?.(done, total)
  const hidden = new Difference()
  for (const [blocks, wanted] of golden.hidden) {
    const hook: HookName = blocks === 0 ? 'blocks.0.hook_resid_pre' : `blocks.${blocks - 1}.hook_resid_post`
    const harvester = await Harvester.open(checkpoint, { ...options, hook, positions: tokens })
    try {
      hidden.compare(unpadded(await harvester.run(batch), batch), unpadded(wanted, batch))
    } finally {
      await harvester.close()
    }
    await onProgress?.(++done, total)
  }
  const llama = await Llama.open(checkpoint, { ...options, positions: tokens + golden.greedy.length })
  try {
    const logits = new Difference()
    const last = Array.from(lengths, (length, row) => row * tokens + length - 1)
    const all = Array.from({ length: rows * tokens }, (_, place) => place)
    const found = await llama.forward(batch, { logitsAt: Int32Array.from(golden.lastOnly ? last : all) })
    if (golden.lastOnly) logits.compare(found.logits, golden.logits)
    else logits.compare(unpadded(found.logits, batch), unpadded(golden.logits, batch))
    await onProgress?.(++done, total)
    const greedyMatch = await continues(llama, golden)
    await onProgress?.(++done, total)
    return {
      ...{ maxAbsHidden: hidden.absolute, maxRelHidden: hidden.relative },
      ...{ maxAbsLogit: logits.absolute, maxRelLogit: logits.relative, greedyMatch },
    }
  } finally {
    await llama.close()
  }
}

/** The greatest difference seen in several tensors. */
class Difference {
  absolute = 0
  relative = 0

  compare(found: Float32Array, wanted: Float32Array): void {
    if (found.length !== wanted.length) throw new Error(`${found.length} numbers against ${wanted.length}.`)
    let [worst, largest] = [0, 0]
    for (const [index, number] of wanted.entries()) {
      const difference = Math.abs(found[index]! - number)
      // what is not a number must not pass for equal
      worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(worst, difference)
      largest = Math.max(largest, Math.abs(number))
    }
    this.absolute = Math.max(this.absolute, worst)
    this.relative = Math.max(this.relative, worst / largest)
  }
}

/** (B, T, W) without the rows of padding. */
function unpadded(values: Float32Array, { rows, tokens, lengths }: Batch): Float32Array {
  const width = values.length / (rows * tokens)
  const kept = new Float32Array(lengths.reduce((a, b) => a + b, 0) * width)
  let at = 0
  for (const [row, length] of lengths.entries()) {
    const from = row * tokens * width
    kept.set(values.subarray(from, from + length * width), at)
    at += length * width
  }
  return kept
}

async function continues(llama: Llama, { ids, lengths, greedy }: Golden): Promise<boolean> {
  // as the reference was made: see `Golden.greedy`
  const prompt = ids.slice(1, lengths[0])
  let length = prompt.length
  let { logits, cache } = await llama.forward(
    { rows: 1, tokens: length, ids: prompt, lengths: Int32Array.of(length) },
    { logitsAt: Int32Array.of(length - 1) },
  )
  for (const wanted of greedy) {
    if (argmax(logits) !== wanted) return false
    length++
    ;({ logits, cache } = await llama.forward(
      { rows: 1, tokens: 1, ids: BigInt64Array.of(BigInt(wanted)), lengths: Int32Array.of(length) },
      { cache, logitsAt: Int32Array.of(0) },
    ))
  }
  return true
}

function argmax(values: Float32Array): number {
  let best = 0
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index
  return best
}

function assertSame({ rows, tokens, hidden, logits, lastOnly }: Golden, { config }: Checkpoint): void {
  const width = config.width * rows * tokens
  const vocabulary = logits.length / (lastOnly ? rows : rows * tokens)
  const blocks = Math.max(...hidden.keys())
  if (
    vocabulary === config.vocabulary &&
    blocks <= config.layers &&
    [...hidden.values()].every(({ length }) => length === width)
  )
    return
  throw expected(
    'golden/mismatch',
    `The reference is of another model: it has ${vocabulary} tokens and states after ${blocks} blocks; ` +
      `the model has ${config.vocabulary} tokens, ${config.layers} blocks and a width of ${config.width}.`,
    'Choose the reference file that was made from this model.',
  )
}
