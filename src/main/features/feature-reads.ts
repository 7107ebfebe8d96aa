// What is asked of an index of features in a thread of its own, because it can take longer than 20 ms.
import type { FeatureSearch } from '../../shared/feature-search.ts'
import { HarvestIndex } from '../activations/harvest-index.ts'
import { Reader } from '../store/reader.ts'
import { contextCodes } from './example-view.ts'
import { FeatureIndex } from './feature-index.ts'
import { featurePage } from './feature-page.ts'
import { searchFeatures } from './feature-search.ts'
import {
  byLabel,
  byToken,
  featureTable,
  firingsOfFeature,
  type FiringsQuery,
  type Labels,
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
    byLabel(await index, text, limit, labels),
}

/** Reads the index in that folder. */
export function featureReader(folder: string): Reader<typeof featureReads> {
  return new Reader(folder, 'features/features-worker')
}
