// By what the tokens of steered texts are coloured, how strongly, and what is said of each.
import type { SteeringState } from '../../../shared/contract/steering.ts'
import { activationWords, heatOf } from '../../../shared/heat.ts'

/** `feature 7`: by that feature's activation. */
export type ColorChoice = 'none' | 'log-probability' | 'kl' | `feature ${number}`

/** Natural logarithm of the probability from which a token has all the colour there is: about 1 in 3,000. */
const FULL_LOG_PROBABILITY = -8
/** Nats from which it has it, when coloured by KL: behind the place where texts part most tokens have a few. */
const FULL_KL = 12
/** All the colour there is beside that of activations: text on it stays readable. */
const MOST = 0.65

export function colorChoices(features: readonly number[]): { value: ColorChoice; label: string }[] {
  return [
    { value: 'none', label: 'No colours' },
    { value: 'log-probability', label: 'Coloured by log-probability' },
    { value: 'kl', label: 'Coloured by KL to the baseline' },
    ...features.map((feature) => ({
      value: `feature ${feature}` as const,
      label: `Coloured by feature ${feature}`,
    })),
  ]
}

/** The one behind it, in the order of the list. */
export function nextColor(color: ColorChoice, features: readonly number[]): ColorChoice {
  const all = colorChoices(features)
  return all[(all.findIndex(({ value }) => value === color) + 1) % all.length]!.value
}

type Row = SteeringState['rows'][number]

/** (tokens): one pinned feature's activations at the tokens of a text, without its prompt; empty where they are not told. */
export function readsOf(row: Row | undefined, promptTokens: number, pinned: number, of: number): number[] {
  if (!row || of < 0 || pinned === 0) return []
  const values: number[] = []
  for (let at = promptTokens * pinned + of; at < row.reads.length; at += pinned) values.push(row.reads[at]!)
  return values
}

export interface Coloring {
  readonly color: ColorChoice
  /** At the text's tokens, of the feature that colours. */
  readonly reads: readonly number[]
  /** Against which activations are shaded. */
  readonly max: number
}

/** Of each token 0 to 1; undefined for no colours. */
export function shadesOf({ tokens }: Row, { color, reads, max }: Coloring): number[] | undefined {
  switch (color) {
    case 'none':
      return undefined
    case 'log-probability':
      return tokens.map(({ logProbability }) => MOST * share(logProbability / FULL_LOG_PROBABILITY))
    case 'kl':
      return tokens.map(({ kl }) => MOST * share((kl ?? 0) / FULL_KL))
    default:
      return tokens.map((_, at) => heatOf(reads[at] ?? 0, max))
  }
}

function share(value: number): number {
  return Math.min(1, Math.max(0, value))
}

/** "“ kidney” · 12.3 % · KL 0.42 nats · feature 7: 3.1". */
export function tokenWords(
  { tokens }: Row,
  at: number,
  reads: readonly { readonly feature: number; readonly values: readonly number[] }[],
): string {
  const token = tokens[at]
  if (!token) return ''
  const { text, logProbability, kl } = token
  return [
    text === '' ? 'no text of its own' : `“${text.replaceAll('\n', '↵')}”`,
    `${percentWords(Math.exp(logProbability))} (${logProbability.toFixed(2).replace('-', '−')} nats)`,
    ...(kl === null || kl === 0 ? [] : [`KL ${kl.toPrecision(2)} nats`]),
    ...reads.flatMap(({ feature, values }) => {
      const value = values[at]
      return value === undefined ? [] : [`feature ${feature}: ${activationWords(value)}`]
    }),
  ].join(' · ')
}

function percentWords(share: number): string {
  const value = 100 * share
  return value < 0.01 ? '< 0.01 %' : `${Number(value.toPrecision(value >= 10 ? 3 : 2))} %`
}
