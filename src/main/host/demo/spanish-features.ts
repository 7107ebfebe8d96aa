// The features of the demo that tell Spanish from every other language best.
import type { FeatureTable, IndexManifest, IndexPlace } from '../../../shared/features.ts'
import type { FeatureIndexes } from '../feature-indexes.ts'

const LANGUAGE = 'es'

/** So many, first those that fire more often in Spanish than in any other language. */
export async function spanishFeatures(
  indexes: Pick<FeatureIndexes, 'read'>,
  place: IndexPlace,
  count: number,
): Promise<number[]> {
  const [manifest, table] = await indexes.read(place, (reader) =>
    Promise.all([reader.read('manifest', []), reader.read('table', [])]),
  )
  return contrasting(manifest, table).slice(0, count)
}

function contrasting({ languages }: IndexManifest, { features, byLanguage }: FeatureTable): number[] {
  const own = languages.findIndex(({ name }) => name === LANGUAGE)
  const contrast = Float32Array.from({ length: features }, (_, feature) => {
    const densities = byLanguage.subarray(feature * languages.length, (feature + 1) * languages.length)
    return densities[own]! - Math.max(...densities.filter((_density, place) => place !== own))
  })
  return Array.from({ length: features }, (_, feature) => feature).sort((a, b) => contrast[b]! - contrast[a]!)
}
