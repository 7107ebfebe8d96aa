// The report of the demo: what it holds, and the notes that say what it is.
import type { DemoMade } from '../../../shared/demo.ts'
import { featureSearchSchema } from '../../../shared/feature-search.ts'
import type { IndexPlace } from '../../../shared/features.ts'
import { contentsText } from '../../../shared/report.ts'
import type { FeatureIndexes } from '../feature-indexes.ts'
import { spanishFeatures } from './spanish-features.ts'

type Indexes = Pick<FeatureIndexes, 'read' | 'harvestIndex'>

const TITLE = 'The demo of Monoscope'
/** As many as the steering has tried, so that the one it steers by is among them. */
const SPANISH = 3
const SEARCH = 'pain'

/** Parameters of its job. Rejects as reading the index does. */
export async function demoReport(indexes: Indexes, { sae, index, session }: DemoMade) {
  const place = { sae: sae!, harvest: index! }
  const spanish = await spanishFeatures(indexes, place, SPANISH)
  const found = await foundFor(indexes, place)
  const features = [...new Set([...spanish, ...found])]
  return {
    title: TITLE,
    notes: notesOf(spanish, found),
    contents: contentsText([
      { kind: 'session', session: session! },
      { kind: 'features', ...place, features },
      { kind: 'training', sae: sae! },
    ]),
  }
}

/** The feature that fires at the word more often than elsewhere, as the search of the Features page ranks them; none where the text has no such word. */
async function foundFor(indexes: Indexes, place: IndexPlace): Promise<number[]> {
  const query = featureSearchSchema.parse({ ...place, text: SEARCH, features: 1 })
  const { features } = await indexes.read(place, async (reader) => {
    const harvest = await indexes.harvestIndex(await reader.read('manifest', []))
    return reader.read('search', [harvest, query, new Map()])
  })
  return features.map(({ feature }) => feature)
}

function notesOf(spanish: readonly number[], found: readonly number[]): string {
  return [
    'The demo wrote this report at its end. It imported the model and harvested the corpus that come with Monoscope, trained a sparse autoencoder on the activations, indexed its features and steered by one of them.',
    [
      '- **Steering**: a completion without steering, and the same prompt steered towards Spanish.',
      `- **Features ${spanish.join(', ')}** fire more often in Spanish than in other languages; the one that was steered by is among them.`,
      ...found.map((feature) => `- **Feature ${feature}** is the first that a search for “${SEARCH}” finds.`),
      '- **Training**: how the autoencoder was trained, with its curves and what the model loses when it reads through it.',
    ].join('\n'),
    'The model is small and the training short: the texts show how the parts work together, not what a large model would write.',
  ].join('\n\n')
}
