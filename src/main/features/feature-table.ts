// All features at once, and lists of some of them: by label, by token, and where one of them fires.
import { SPARK_BINS, type FeatureTable, type Firings } from '../../shared/features.ts'
import type { ListedFeature, StrongToken } from '../../shared/feature-search.ts'
import { foldText } from '../activations/fold-text.ts'
import { ExampleReader, spelledToken } from './example-view.ts'
import type { FeatureIndex } from './feature-index.ts'
import { searchable } from './feature-writer.ts'

/** By feature. */
export type Labels = ReadonlyMap<number, string>

export function featureTable(index: FeatureIndex): FeatureTable {
  const { columns, features, manifest } = index
  const places = new Map<number, number>()
  const spellings: string[] = []
  const spelling = columns.token.map((token) => {
    let place = places.get(token)
    if (place === undefined) {
      places.set(token, (place = spellings.length))
      spellings.push(spelledToken(index, token))
    }
    return place
  })
  return {
    ...{ harvest: manifest.harvest.id, features, spellings },
    ...{ density: columns.density, max: columns.max, mean: columns.mean, flags: columns.flags },
    ...{ contexts: columns.contexts, decoderNorm: columns.decoder_norm, token: columns.token },
    ...{ spelling: Uint32Array.from(spelling), sparks: columns.spark.slice(0, features * SPARK_BINS) },
    ...{ byStratum: columns.by_stratum, byLanguage: columns.by_language },
  }
}

/** A feature in a list. */
function listed(index: FeatureIndex, feature: number, share: number, label: string | null): ListedFeature {
  const { density, max, flags, token } = index.columns
  return {
    ...{ feature, share, label, density: density[feature]!, max: max[feature]!, flags: flags[feature]! },
    token: spelledToken(index, token[feature]!),
  }
}

/** Labels that have all of the words; those that begin with the text first, then those with a word that does. */
export function byLabel(index: FeatureIndex, text: string, limit: number, labels: Labels): ListedFeature[] {
  const wanted = foldText(text.trim())
  const words = wanted.split(/\s+/u)
  const found: { readonly feature: number; readonly label: string; readonly share: number }[] = []
  for (const [feature, label] of labels) {
    if (feature >= index.features) continue
    const folded = foldText(label)
    if (!words.every((word) => folded.includes(word))) continue
    const share = folded.startsWith(wanted) ? 1 : folded.includes(` ${wanted}`) ? 0.75 : 0.5
    found.push({ feature, label, share })
  }
  found.sort((a, b) => b.share - a.share || a.feature - b.feature)
  return found.slice(0, limit).map(({ feature, label, share }) => listed(index, feature, share, label))
}

/** The features among whose main tokens it is. */
export function byToken(index: FeatureIndex, token: number, limit: number, labels: Labels): ListedFeature[] {
  return index.db
    .prepare<[number, number], { feature: number; share: number }>(
      'SELECT feature, share FROM strong_token WHERE token = ? ORDER BY share DESC, feature LIMIT ?',
    )
    .all(token, limit)
    .map(({ feature, share }) => listed(index, feature, share, labels.get(feature) ?? null))
}

/** Main tokens that begin so. */
export function strongTokens(index: FeatureIndex, text: string, limit: number): StrongToken[] {
  const wanted = searchable(Buffer.from(text))
  return index.db
    .prepare<[string, string, number], { id: number; features: number }>(
      `SELECT token.id AS id, count(*) AS features FROM token JOIN strong_token ON strong_token.token = token.id
       WHERE text >= ? AND text < ? GROUP BY token.id ORDER BY features DESC, token.id LIMIT ?`,
    )
    .all(wanted, `${wanted}\u{10ffff}`, limit)
    .map(({ id, features }) => ({ id, features, text: spelledToken(index, id) }))
}

export interface FiringsQuery {
  readonly feature: number
  readonly order: 'strongest' | 'corpus'
  readonly stratum?: string | undefined
  readonly from: number
  readonly limit: number
}

/** Throws `features/unknown`, `disk/…`, `arrow/damaged`. */
export async function firingsOfFeature(index: FeatureIndex, query: FiringsQuery): Promise<Firings> {
  const { feature, order, stratum, from, limit } = query
  index.assertHas(feature)
  const fired = await index.firedContexts(feature)
  const within = (context: number) => {
    const group = index.contexts.group[index.placeOf(context)]!
    return (index.manifest.groups[group]!.stratum ?? '') === stratum
  }
  let places = Array.from(fired.context, (_, at) => at)
  if (stratum !== undefined) places = places.filter((at) => within(fired.context[at]!))
  if (order === 'strongest') places.sort((a, b) => fired.value[b]! - fired.value[a]! || a - b)
  const reader = new ExampleReader(index)
  const shown = places.slice(from, from + limit).map((at) => ({
    ...{ context: fired.context[at]!, position: fired.position[at]!, value: fired.value[at]! },
  }))
  const examples = await Promise.all(shown.map((example) => reader.example(feature, example)))
  return { total: places.length, examples }
}
