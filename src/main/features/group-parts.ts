// Groups of documents put together by stratum or by language.
import type { IndexManifest } from '../../shared/features.ts'
import type { Group } from './groups.ts'
import type { Survey } from './survey.ts'

/** In the order of their names; null comes first. */
export interface Parts {
  readonly names: readonly (string | null)[]
  /** Of each group its place among the names. */
  readonly ofGroup: readonly number[]
}

export function partsBy(groups: readonly Group[], key: 'stratum' | 'language'): Parts {
  const names = [...new Set(groups.map((group) => group[key]))].sort((a, b) =>
    a === b ? 0 : a === null || (b !== null && a < b) ? -1 : 1,
  )
  return { names, ofGroup: groups.map((group) => names.indexOf(group[key])) }
}

/** Counts by group, added up by part. */
export function summed(counts: ArrayLike<number>, { names, ofGroup }: Parts): number[] {
  const sums = names.map(() => 0)
  for (const [group, part] of ofGroup.entries()) sums[part]! += counts[group]!
  return sums
}

/** How the manifest tells of the parts. */
export function describeParts(parts: Parts, survey: Survey): IndexManifest['strata'] {
  const rows = summed(survey.rowsByGroup, parts)
  const contexts = summed(survey.contextsByGroup, parts)
  return parts.names.map((name, at) => ({ name, rows: rows[at]!, contexts: contexts[at]! }))
}
