// How many tokens each stratum of a stratified sample gets, by weights and quotas.
import type { SampleSpec } from '../../shared/corpus.ts'
import { expected } from '../../shared/errors.ts'

interface Stratum {
  readonly name: string | null
  /** Tokens it has. */
  readonly tokens: number
}

/**
 * Tokens wanted of each stratum that gets any; all of them together are `tokens`, or what there is. A quota is met
 * first; the rest is shared by weight, and what a stratum lacks goes to the others. Throws `sample/…`.
 */
export function sharesOf(
  strata: readonly Stratum[],
  tokens: number,
  { weights, quotas = {} }: Pick<SampleSpec, 'weights' | 'quotas'>,
): Map<string | null, number> {
  refuseUnknown(strata, [
    ...Object.keys(quotas),
    ...(typeof weights === 'object' ? Object.keys(weights) : []),
  ])
  const wanted = Object.values(quotas).reduce((sum, quota) => sum + quota, 0)
  if (wanted > tokens) {
    throw expected(
      'sample/quotas',
      `The quotas add up to ${wanted} tokens, and ${tokens} are wanted altogether.`,
      'Want more tokens, or lower the quotas.',
    )
  }
  const shares = new Map<string | null, number>()
  let open: { name: string | null; tokens: number; weight: number }[] = []
  for (const stratum of strata) {
    const quota = stratum.name === null ? undefined : own(quotas, stratum.name)
    const weight = weightOf(stratum, weights, Object.keys(quotas).length > 0)
    if (quota !== undefined) shares.set(stratum.name, Math.min(quota, stratum.tokens))
    else if (weight > 0) open.push({ ...stratum, weight })
  }
  let rest = tokens - [...shares.values()].reduce((sum, share) => sum + share, 0)
  for (;;) {
    const total = open.reduce((sum, { weight }) => sum + weight, 0)
    const scarce = open.filter((stratum) => stratum.tokens <= (rest * stratum.weight) / total)
    if (scarce.length === 0) {
      for (const { name, weight } of open) shares.set(name, Math.ceil((rest * weight) / total))
      break
    }
    for (const { name, tokens: all } of scarce) {
      shares.set(name, all)
      rest -= all
    }
    open = open.filter((stratum) => !scarce.includes(stratum))
  }
  for (const [name, share] of shares) if (share <= 0) shares.delete(name)
  if (shares.size > 0) return shares
  throw expected(
    'sample/nothing',
    'The sample takes nothing of any stratum.',
    'Give a stratum a weight above 0 or a quota.',
  )
}

/** Quotas without weights take nothing else. */
function weightOf({ name, tokens }: Stratum, weights: SampleSpec['weights'], hasQuotas: boolean): number {
  if (weights === undefined) return hasQuotas ? 0 : 1
  if (weights === 'equal') return 1
  if (weights === 'proportional') return tokens
  return name === null ? 0 : (own(weights, name) ?? 0)
}

function own(record: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function refuseUnknown(strata: readonly Stratum[], named: readonly string[]): void {
  const known = new Set(strata.map(({ name }) => name))
  const unknown = named.filter((name) => !known.has(name))
  if (unknown.length === 0) return
  const names = [...known].filter((name) => name !== null).slice(0, 50)
  throw expected(
    'sample/unknown-stratum',
    `No document belongs to ${unknown.map((name) => `"${name}"`).join(', ')}.`,
    `The strata are ${names.join(', ')}${known.size > names.length ? ' and others' : ''}.`,
  )
}
