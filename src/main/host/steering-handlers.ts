// The contract's steering over the model that is held for interactive work, and the sessions of the workspace.
import type { Handlers } from '../../shared/contract/define.ts'
import type { steeringContract } from '../../shared/contract/steering.ts'
import { expected } from '../../shared/errors.ts'

export function steeringHandlers(): Handlers<typeof steeringContract> {
  const none = () => {
    throw expected('steering/none', 'Nothing can be steered yet.')
  }
  return {
    'steering.run': none,
    'steering.strip': none,
    'steering.sweep': none,
    'steering.measure': none,
    'steering.place': none,
    'steering.sets': () => [],
    'steering.watchSessions': (_none, sink) => sink.snapshot([]),
    'steering.session': none,
    'steering.saveSession': none,
    'steering.duplicateSession': none,
    'steering.removeSession': none,
    'steering.addRun': none,
    'steering.removeRun': none,
    'steering.compareSessions': none,
    'steering.exportSession': none,
    'steering.importSession': none,
  }
}
