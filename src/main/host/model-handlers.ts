// The contract's models over the registry, the catalogue and the devices of this host.
import { catalogue, downloadBytes } from '../../shared/catalogue.ts'
import type { Handlers } from '../../shared/contract/define.ts'
import type { modelsContract } from '../../shared/contract/models.ts'
import { judge, workMemory } from '../../shared/model-memory.ts'
import { memoryLimit } from '../compute/memory-limit.ts'
import { demoModel } from './demo/bundled-demo.ts'
import type { HostParts } from './host-handlers.ts'

export function modelHandlers({ models, devices, engine }: HostParts): Handlers<typeof modelsContract> {
  return {
    'models.list': async () => {
      await models.reconcile()
      return models.list()
    },
    'models.watch': (_none, sink, { signal }) => {
      sink.snapshot(models.list())
      models.changed.listenUntil(signal, (list) => sink.delta([...list]))
      void models.reconcile()
    },
    'models.get': ({ id }) => models.get(id),
    'models.catalogue': async () => {
      const place = workMemory(await devices.ready(), memoryLimit())
      return {
        ...{ device: place.name, memory: place.memory },
        models: catalogue.map((entry) => {
          const { need, parameters, fit } = judge(entry.architecture, place)
          const { architecture: _architecture, ...offer } = entry
          return {
            ...{ ...offer, parameters, fit },
            ...{ downloadBytes: downloadBytes(entry), precision: need.precision, memoryBytes: need.total },
          }
        }),
      }
    },
    'models.demo': demoModel,
    'models.rename': ({ id, name }) => models.rename(id, name),
    'models.remove': async ({ id }) => {
      // it reads its files while it is held
      await engine.forget(models.get(id).checkpoint)
      return { freedBytes: await models.remove(id) }
    },
  }
}
