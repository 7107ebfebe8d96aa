// The contract's features over the indexes of SAEs.
import type { Handlers } from '../../shared/contract/define.ts'
import type { featuresContract } from '../../shared/contract/features.ts'
import { expected } from '../../shared/errors.ts'

export function featureHandlers(): Handlers<typeof featuresContract> {
  const none = () => {
    throw expected('features/none', 'This SAE has no index yet.', 'Index it: monoscope index --sae S.')
  }
  return {
    'features.indexes': () => [],
    'features.plan': none,
    'features.removeIndex': none,
    'features.table': none,
    'features.feature': none,
    'features.context': none,
    'features.firings': none,
    'features.search': none,
    'features.byLabel': none,
    'features.byToken': none,
    'features.tokens': none,
    'features.read': none,
    'features.watchNotes': (_place, sink) => sink.snapshot([]),
    'features.notes': () => [],
    'features.annotate': none,
  }
}
