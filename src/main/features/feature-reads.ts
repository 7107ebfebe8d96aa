// What is asked of an index of features in a thread of its own, because it can take longer than 20 ms.
import type { FeatureSearch, ListedFeature } from '../../shared/feature-search.ts'
import { foldText } from '../activations/fold-text.ts'
import { HarvestIndex } from '../activations/harvest-index.ts'
import { Reader } from '../store/reader.ts'
import { contextCodes } from './example-view.ts'
import { FeatureIndex } from './feature-index.ts'
import { featurePage } from './feature-page.ts'
import { searchFeatures } from './feature-search.ts'
import {
  byToken,
  featureTable,
  firingsOfFeature,
  type FiringsQuery,
  listed,
  strongTokens,
} from './feature-table.ts'

/** An index of features, and the one of its harvest once something is searched for. */
export class OpenFeatures {
  readonly index: Promise<FeatureIndex>
  readonly #harvests = new Map<string, HarvestIndex>()

  constructor(folder: string) {
    this.index = FeatureIndex.open(folder)
    // whoever asks is told
    this.index.catch(() => undefined)
  }

  /** Throws `disk/…`, `index/…`. */
  harvest(path: string): HarvestIndex {
    let harvest = this.#harvests.get(path)
    if (!harvest) this.#harvests.set(path, (harvest = HarvestIndex.open(path)))
    return harvest
  }
}

/** Labels by feature. */
export type Labels = ReadonlyMap<number, string>

export const featureReads = {
  manifest: async ({ index }: OpenFeatures) => (await index).manifest,
  table: async ({ index }: OpenFeatures) => featureTable(await index),
  feature: async ({ index }: OpenFeatures, feature: number) => featurePage(await index, feature),
  context: async ({ index }: OpenFeatures, context: number, features: readonly number[] | undefined) =>
    contextCodes(await index, context, features),
  firings: async ({ index }: OpenFeatures, query: FiringsQuery) => firingsOfFeature(await index, query),
  /** `harvest` is the path of the harvest's index. */
  search: async (open: OpenFeatures, harvest: string, query: FeatureSearch, labels: Labels) =>
    searchFeatures(await open.index, open.harvest(harvest), query, labels),
  byToken: async ({ index }: OpenFeatures, token: number, limit: number, labels: Labels) =>
    byToken(await index, token, limit, labels),
  tokens: async ({ index }: OpenFeatures, text: string, limit: number) =>
    strongTokens(await index, text, limit),
  byLabel: async ({ index }: OpenFeatures, text: string, limit: number, labels: Labels) =>
    labelled(await index, text, limit, labels),
}

/** Reads the index in that folder. */
export function featureReader(folder: string): Reader<typeof featureReads> {
  return new Reader(folder, 'features/features-worker')
}

/** Labels that have all of the words; those that begin with the text first, then those with a word that does. */
function labelled(index: FeatureIndex, text: string, limit: number, labels: Labels): ListedFeature[] {
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
