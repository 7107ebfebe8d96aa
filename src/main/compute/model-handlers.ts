// The compute contract over one model that is held for interactive work.
import type { modelComputeContract } from '../../shared/contract/compute-model.ts'
import type { Handlers } from '../../shared/contract/define.ts'
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
    'model.generate': async ({ rows }, sink, { signal }) => {
      const model = theModel()
      sink.snapshot(undefined)
      for await (const event of model.generate(rows, signal)) sink.delta(event)
      sink.end()
    },
    'model.codes': ({ text, sae, features }) => theModel().codes(text, sae, features),
    'model.analyse': ({ text }, { signal }) => theModel().analyse(text, signal),
  }
}
