// Many steered texts that nobody watches grow: generated in batches, each told when it is whole.
import { type Forwarder, generate, type GenerationRow } from '../llama/generate.ts'
import type { SteeredFeature } from '../llama/steering.ts'
import type { Vocabulary } from '../llama/token-text.ts'

export interface WholeText {
  readonly text: string
  /** Without the token that ended it. */
  readonly ids: readonly number[]
}

/** Rows that run together: more would make tokens slower by as much as they are more. */
export const ROWS_AT_ONCE = 32

interface Steered {
  readonly features: readonly SteeredFeature[]
  readonly special: boolean
  readonly signal: AbortSignal
}

/** All rows as one batch, in their order; throws as `generate` does. */
export async function wholeTexts(
  model: Forwarder,
  vocabulary: Vocabulary,
  rows: readonly GenerationRow[],
  { features, special, signal }: Steered,
): Promise<WholeText[]> {
  const texts = rows.map(() => ({ text: '', ids: [] as number[] }))
  const { eosIds } = model.config
  const steering = { features, sparesSpecial: !special }
  for await (const event of generate(model, vocabulary, rows, { signal, steering })) {
    if (event.type !== 'tokens') continue
    const own = texts[event.row]!
    for (const { id, text } of event.tokens) {
      own.text += text
      if (!eosIds.includes(id)) own.ids.push(id)
    }
  }
  return texts
}
