// The compute contract over one model that is held for interactive work.
import type { modelComputeContract } from '../../shared/contract/compute-model.ts'
import type { Handlers, Sink } from '../../shared/contract/define.ts'
import { expected } from '../../shared/errors.ts'
import { LoadedModel } from './loaded-model.ts'

export function createModelHandlers(): Handlers<typeof modelComputeContract> {
  let loaded: LoadedModel | undefined
  const theModel = () => {
    if (!loaded) throw expected('model/none', 'This process holds no model.')
    return loaded
  }
  return {
    'model.load': async (order) => {
      if (loaded) throw expected('model/held', 'This process already holds a model.')
      loaded = await LoadedModel.open(order)
    },
    'model.generate': ({ rows }, sink, { signal }) => told(theModel().generate(rows, signal), sink),
    'model.steer': ({ place, batch }, sink, { signal }) =>
      told(theModel().steerer.run(place, batch, signal), sink),
    'model.sweep': ({ place, order }, sink, { signal }) =>
      told(theModel().steerer.sweep(place, order, signal), sink),
    'model.measure': ({ place, order }, sink, { signal }) =>
      told(theModel().steerer.measure(place, order, signal), sink),
    'model.codes': ({ text, sae, hook, features }) => theModel().codes({ text, sae, hook, features }),
    'model.analyse': ({ text }, { signal }) => theModel().analyse(text, signal),
  }
}

/** Tells every event as it comes. */
async function told<T>(events: AsyncGenerator<T, void>, sink: Sink<undefined, T>): Promise<void> {
  sink.snapshot(undefined)
  for await (const event of events) sink.delta(event)
  sink.end()
}
