// `monoscope generate --steer`: the unsteered text and the steered one, of one batch.
import type { SteeringState } from '../../shared/contract/steering.ts'
import { expected } from '../../shared/errors.ts'
import type { Message, ModelPrecision, Sampling } from '../../shared/generation.ts'
import { interventionWords } from '../../shared/steer-text.ts'
import type { Intervention } from '../../shared/steering.ts'
import { followed, textOf } from './follow-text.ts'
import type { Session } from './action.ts'

/** What is asked for, beside how it is steered. */
export interface Asked {
  readonly prompt: string | Message[]
  readonly sampling: Sampling
  readonly maxTokens: number
  readonly stop: string[]
  readonly precision: ModelPrecision
  readonly model: string | undefined
}

interface HowSteered {
  readonly sae: string | undefined
  readonly interventions: Intervention[]
  readonly anyName: boolean
  readonly special?: boolean
}

/** Writes the steered text as it comes, then both. Throws `generate/no-sae`, `generate/no-steer`, and as the stream ends. */
export async function steered(
  { client, output }: Session,
  { model, ...asked }: Asked,
  { sae, interventions, ...how }: HowSteered,
): Promise<void> {
  if (sae === undefined) {
    throw expected('generate/no-sae', 'Features belong to an SAE, and none is named.', 'Add --sae.')
  }
  if (interventions.length === 0) {
    throw expected('generate/no-steer', 'It is not said how to steer.', 'Add --steer FEATURE=STRENGTH.')
  }
  const order = { ...asked, ...how, sae, ...(model !== undefined && { model }), rows: [interventions] }
  let written = 0
  const state = await followed<SteeringState>(
    (listener) => client.subscribe('steering.run', order, listener),
    (now) => {
      output.status(now.waiting ?? '')
      const text = textOf(now.rows[1])
      if (now.waiting === null && text.length > written) output.text(text.slice(written))
      written = text.length
    },
  ).finally(() => {
    if (written > 0) output.text('\n')
  })
  const [baseline, changed] = state.rows
  output.result(
    {
      ...{ baseline: textOf(baseline), steered: textOf(changed), tokensPerSecond: state.tokensPerSecond },
      ...{ interventions, facts: state.facts, seed: asked.sampling.seed },
      ...{ end: changed?.end ?? null, promptTokens: state.prompt?.length ?? null },
      tokens: changed?.tokens.length ?? 0,
      kl: meanKl(state),
    },
    [],
  )
  output.say(`\nUnsteered:${textOf(baseline)}`)
  const { norm, normFrom } = state.facts!
  // as it was understood: "245=0,8" is two features
  output.say(`\nSteered: ${interventionWords(interventions)}.`)
  output.say(`A strength of 1 is ${norm.toFixed(1)}, the mean residual norm (${sources[normFrom]}).`)
}

const sources = {
  harvest: "of the SAE's harvest",
  'other-harvest': 'of a harvest at the same place',
  training: "of the SAE's training",
  sample: 'of sample texts',
} as const

/** Over the steered tokens that have one; null where none has. */
function meanKl({ rows }: SteeringState): number | null {
  const kls = (rows[1]?.tokens ?? []).flatMap(({ kl }) => (kl === null ? [] : [kl]))
  return kls.length === 0 ? null : kls.reduce((sum, kl) => sum + kl, 0) / kls.length
}
