// Which flags a feature has, by what its firings add up to, each with its evidence in a sentence.
import { type Flagged, flagThresholds } from '../../shared/feature-flags.ts'
import { formatCount, formatPercent } from '../../shared/units.ts'
import type { Described } from './describe-feature.ts'
import type { Group } from './groups.ts'
import type { Survey } from './survey.ts'

export interface FlagFacts {
  readonly survey: Pick<Survey, 'rows' | 'rowsByGroup'>
  readonly groups: readonly Group[]
  /** How a token is spelled, as people see it. */
  spelled(token: number): string
}

type Known = Pick<
  Described,
  'firings' | 'byGroup' | 'token' | 'tokenShare' | 'marksShare' | 'earlyShare' | 'repeatedShare'
> & {
  /** Contexts in which it fires. */
  readonly fired: number
  /** Special tokens and attention sinks at which it fires. */
  readonly apart: number
}

/** All flags but that of languages on aligned texts, in their order. */
export function flagsBy(known: Known, facts: FlagFacts): Flagged[] {
  const { rows } = facts.survey
  const t = flagThresholds
  if (known.firings === 0) {
    const beside =
      known.apart > 0 ? `, only at ${formatCount(known.apart)} special tokens and attention sinks` : ''
    return [told('dead', 0, 0, `It fires in none of ${formatCount(rows)} rows${beside}.`)]
  }
  const flags: Flagged[] = []
  const density = known.firings / rows
  if (density >= t.dense) {
    flags.push(told('dense', density, t.dense, `It fires in ${formatPercent(density)} of the rows.`))
  }
  if (known.firings + known.apart < t.firings) return flags
  const apart = known.apart / (known.firings + known.apart)
  if (apart >= t.sink) {
    flags.push(
      told(
        'sink',
        apart,
        t.sink,
        `${formatPercent(apart)} of the rows where it fires are special tokens or attention sinks.`,
      ),
    )
  }
  const { marksShare, earlyShare, repeatedShare, tokenShare } = known
  if (marksShare !== null && marksShare >= t.punctuation) {
    flags.push(
      told(
        'punctuation',
        marksShare,
        t.punctuation,
        `${formatPercent(marksShare)} of its activation is on punctuation and spaces.`,
      ),
    )
  }
  if (earlyShare >= t.position) {
    flags.push(
      told(
        'scaffold',
        earlyShare,
        t.position,
        `${formatPercent(earlyShare)} of its activation is at the first four positions.`,
      ),
    )
  } else if (known.fired >= t.boilerplateContexts && repeatedShare >= t.boilerplate) {
    const evidence = `In ${formatPercent(repeatedShare)} of its contexts the five tokens up to its strongest place stand in another one, too.`
    flags.push(told('scaffold', repeatedShare, t.boilerplate, evidence))
  }
  if (tokenShare >= t.token) {
    const evidence = `${formatPercent(tokenShare)} of its activation is on “${facts.spelled(known.token)}”.`
    flags.push(told('single-token', tokenShare, t.token, evidence))
  }
  const language = languageOf(known.byGroup, facts)
  if (language && language.share >= t.language) {
    const evidence = `Of its densities in the languages, ${formatPercent(language.share)} is in ${language.name}.`
    flags.push(told('language-specific', language.share, t.language, evidence))
  }
  return flags
}

function told(flag: Flagged['flag'], value: number, threshold: number, evidence: string): Flagged {
  return { flag, value, threshold, evidence }
}

/** The language in which it is densest, with its share of the densities in all that have rows enough; null below two. */
function languageOf(
  byGroup: Uint32Array,
  { survey, groups }: FlagFacts,
): { readonly name: string; readonly share: number } | null {
  const rows = new Map<string, { rows: number; firings: number }>()
  for (const [group, { language }] of groups.entries()) {
    if (language === null) continue
    const before = rows.get(language) ?? { rows: 0, firings: 0 }
    rows.set(language, {
      rows: before.rows + survey.rowsByGroup[group]!,
      firings: before.firings + byGroup[group]!,
    })
  }
  const densities = Array.from(rows, ([name, counts]) => ({ name, ...counts }))
    .filter((one) => one.rows >= flagThresholds.languageRows)
    .map(({ name, rows: all, firings }) => ({ name, density: firings / all }))
  const total = densities.reduce((sum, { density }) => sum + density, 0)
  if (densities.length < 2 || total === 0) return null
  const { name, density } = densities.reduce((most, one) => (one.density > most.density ? one : most))
  return { name, share: density / total }
}
