// The contract's demo over its run, and over what it has left in the workspace.
import type { demoContract } from '../../../shared/contract/demo.ts'
import type { Handlers } from '../../../shared/contract/define.ts'
import { expected } from '../../../shared/errors.ts'
import { type PieceParts, piecesOf } from './demo-pieces.ts'
import type { DemoRun } from './demo-run.ts'

export function demoHandlers(run: DemoRun, parts: PieceParts): Handlers<typeof demoContract> {
  return {
    'demo.watch': (_none, sink, { signal }) => {
      sink.snapshot(run.state)
      run.changed.listenUntil(signal, (demo) => sink.delta(demo))
    },
    'demo.start': () => run.start(),
    'demo.skip': () => run.skip(),
    'demo.made': async () => (await piecesOf(run.state, parts)).map(({ name, bytes }) => ({ name, bytes })),
    'demo.remove': async () => {
      if (run.state.state === 'running') {
        throw expected('demo/running', 'The demo is under way.', 'Skip it first.')
      }
      await run.atRest()
      let freedBytes = 0
      for (const { remove } of await piecesOf(run.state, parts)) freedBytes += await remove()
      run.forget()
      return { freedBytes }
    },
    'demo.dismiss': () => run.note({ dismissed: true }),
    'demo.endTour': () => run.note({ tour: false }),
  }
}
