// Features in words: how often they fire, what they are called, where they are found.
import { shown } from '../../shared/token-spelling.ts'
import { type FeatureFlag, flagTitles } from '../../shared/feature-flags.ts'
import type { FeatureTable } from '../../shared/features.ts'
import { labelOf, type Notes } from '../state/feature-rows.ts'

/** "3.12 %", "0.0042 %": three digits of the share of the rows. */
export function densityWords(density: number): string {
  return `${Number((100 * density).toPrecision(3))} %`
}

/** "1,498". */
export function numberWords(value: number): string {
  return value.toLocaleString('en-US')
}

/** What a flag says in a row of a table, where there is little room. */
export const flagNames: Readonly<Record<FeatureFlag, string>> = {
  ...flagTitles,
  sink: 'Sink',
  'single-token': 'One token',
}

/** What a feature is called everywhere: its label, else the token with most of its activation, quoted with its spaces seen; empty where nothing is known. */
export function nameBy(label: string | null, token: string): string {
  if (label !== null && label !== '') return label
  return token === '' ? '' : `“${shown(token)}”`
}

/** The same by what the page knows of all features. */
export function featureName(feature: number, notes: Notes, table: FeatureTable | undefined): string {
  return nameBy(labelOf(notes.get(feature)), tokenOf(feature, table))
}

/** The token with most of its activation, by which it is named where it has no label. */
export function mainToken(feature: number, table: FeatureTable | undefined): string {
  return nameBy(null, tokenOf(feature, table))
}

function tokenOf(feature: number, table: FeatureTable | undefined): string {
  return table && table.token[feature]! >= 0 ? (table.spellings[table.spelling[feature]!] ?? '') : ''
}

/** A token as lists spell it: by its number where it has no text of its own, as parts of a character have none. */
export function tokenName(id: number, text: string): string {
  return text === '' || /^\ufffd+$/.test(text) ? `‹${id}›` : shown(text)
}

/** The address of a feature's own page, to be passed on. */
export function featureAddress(sae: string, harvest: string, feature: number): string {
  const { origin, pathname } = window.location
  return `${origin}${pathname}#/features/${sae}/${harvest}/${feature}`
}

/** Why a number is no feature of an SAE with `features` of them; undefined where it is one, or that is not known yet. */
export function noFeatureWords(feature: number, features: number | undefined): string | undefined {
  if (features === undefined || feature < features) return undefined
  return `There is no feature ${feature}: this SAE has ${features.toLocaleString('en-US')}, counted from 0.`
}
