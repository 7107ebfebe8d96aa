// A table of features with numbers drawn by chance, as an index would tell it.
import { bitsOf } from '../../src/shared/feature-flags.ts'
import type { FeatureNote } from '../../src/shared/feature-notes.ts'
import { type FeatureTable, SPARK_BINS } from '../../src/shared/features.ts'
import { generator } from './shards.ts'

/** F features in two strata and two languages; every fiftieth is dead, every fortieth dense. */
export function featureTable(features: number): FeatureTable {
  const random = generator(11)
  const dead = (feature: number) => feature % 50 === 0
  const dense = (feature: number) => feature % 40 === 1
  const column = (make: (feature: number) => number) =>
    Float32Array.from({ length: features }, (_, feature) => (dead(feature) ? 0 : make(feature)))
  const spellings = Array.from({ length: 500 }, (_, place) => ` word${(place * 7919) % 500}`)
  return {
    harvest: 'harvest',
    features,
    density: column((feature) => (dense(feature) ? 0.2 : 10 ** (-1 - 4 * random()))),
    max: column(() => 0.1 + 10 * random()),
    mean: column(() => random()),
    flags: Uint16Array.from({ length: features }, (_, feature) =>
      bitsOf(dead(feature) ? ['dead'] : dense(feature) ? ['dense', 'punctuation'] : []),
    ),
    contexts: Uint32Array.from(column(() => Math.ceil(1000 * random()))),
    decoderNorm: new Float32Array(features).fill(1),
    token: Int32Array.from({ length: features }, (_, feature) => (dead(feature) ? -1 : feature % 500)),
    spelling: Uint32Array.from({ length: features }, (_, feature) => feature % 500),
    spellings,
    sparks: Uint8Array.from({ length: features * SPARK_BINS }, () => Math.floor(256 * random())),
    byStratum: Float32Array.from({ length: 2 * features }, () => random()),
    byLanguage: Float32Array.from({ length: 2 * features }, () => random()),
  }
}

export function featureNote(
  feature: number,
  changes: Partial<FeatureNote> & { label?: string } = {},
): FeatureNote {
  const { label, ...others } = changes
  const labels =
    label === undefined ? [] : [{ text: label, author: 'me', method: 'hand', score: null, at: 0 }]
  return { feature, labels, starred: false, lists: [], note: '', ...others }
}
