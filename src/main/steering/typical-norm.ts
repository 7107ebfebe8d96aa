// How long the residual stream typically is at the hook, measured on sample texts where no harvest tells it.
// Letters: T tokens, D width of the model.
import { expected } from '../../shared/errors.ts'
import { batchOf } from '../llama/batch.ts'
import type { Llama } from '../llama/llama.ts'
import type { Tokenizer } from '../llama/tokenizer.ts'
import { sampleTexts } from './sample-texts.ts'

/** As harvests leave them out by default: rows longer than this many times the median. */
const SINK_FACTOR = 10
const MOST_TOKENS = 128

/** Mean over tokens that are no special ones and no attention sinks, as a harvest's. The model must be opened at a hook. */
export async function measuredNorm(
  model: Pick<Llama, 'forward' | 'positions'>,
  tokenizer: Pick<Tokenizer, 'encodePrompt' | 'isSpecial'>,
): Promise<number> {
  const norms: number[] = []
  for (const text of sampleTexts) {
    const ids = tokenizer.encodePrompt(text).ids.slice(0, Math.min(MOST_TOKENS, model.positions))
    const { residual } = await model.forward(batchOf([ids]), { logitsAt: Int32Array.of(0) })
    const D = residual!.length / ids.length
    for (const [place, id] of ids.entries()) {
      if (!tokenizer.isSpecial(id)) norms.push(Math.hypot(...residual!.subarray(place * D, (place + 1) * D)))
    }
  }
  const median = norms.toSorted((a, b) => a - b)[Math.floor(norms.length / 2)] ?? 0
  const usual = norms.filter((norm) => norm <= SINK_FACTOR * median)
  const mean = usual.reduce((sum, norm) => sum + norm, 0) / usual.length
  if (mean > 0) return mean
  throw expected(
    'steering/norm',
    'The residual stream at the hook of this SAE has no length that could be measured.',
    'Harvest the model at that hook: the harvest measures it.',
  )
}
