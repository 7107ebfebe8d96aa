// The contract's harvests over the registry, the threads that read them, and what earlier ones measured.
import type { Handlers } from '../../shared/contract/define.ts'
import type { harvestsContract } from '../../shared/contract/harvests.ts'
import { type Harvest, harvestSketchSchema } from '../../shared/harvests.ts'
import { expectCorpus } from '../corpus/corpus.ts'
import { openCheckpoint } from '../llama/open-checkpoint.ts'
import { freeBytes } from '../store/workspace.ts'
import { estimateHarvest } from './harvest-estimate.ts'
import type { HarvestReaders } from './harvest-readers.ts'
import type { Harvests } from './harvests.ts'
import type { HostParts } from './host-handlers.ts'
import type { ModelsEngineOptions } from './models-engine.ts'

interface HarvestParts extends Pick<HostParts, 'workspace' | 'jobs' | 'devices'> {
  readonly harvests: Harvests
  readonly readers: HarvestReaders
  readonly resolve: ModelsEngineOptions['resolve']
}

const JOBS_LOOKED_AT = 200

export function harvestHandlers(parts: HarvestParts): Handlers<typeof harvestsContract> {
  const { harvests, readers, jobs, devices, workspace, resolve } = parts
  return {
    'harvests.list': () => harvests.list(),
    'harvests.watch': async (_none, sink, { signal }) => {
      let newest: Harvest[] | undefined
      let told = false
      // heard from the beginning, so that nothing falls between the list and what changes of it
      harvests.changed.listenUntil(signal, (list) => {
        newest = [...list]
        if (told) sink.delta(newest)
      })
      const list = await harvests.list()
      sink.snapshot(newest ?? list)
      told = true
    },
    'harvests.get': ({ id }) => harvests.get(id),
    'harvests.remove': async ({ id }) => ({ freedBytes: await harvests.remove(id) }),
    'harvests.sketch': ({ id }, sink, { signal }) => {
      sink.snapshot(harvestSketchSchema.safeParse(jobs.detail(id)).data ?? null)
      jobs.detailed.listenUntil(signal, (event) => {
        const sketch = event.id === id && harvestSketchSchema.safeParse(event.detail).data
        if (sketch) sink.delta(sketch)
      })
    },
    'harvests.search': ({ id, text, limit }) =>
      readers.read(id, (quick) => quick.read('hits', [{ text, limit }])),
    'harvests.context': ({ id, context }) =>
      readers.read(id, (quick, source) => quick.read('context', [source, context])),
    'harvests.row': ({ id, row, nearest }, { signal }) =>
      readers.readSlowly(id, signal, (slow, source) => slow.read('row', [source, row, nearest])),
    'harvests.estimate': async (config) => {
      const { folder } = await resolve(config.model)
      await expectCorpus(config.corpus)
      const { config: model } = await openCheckpoint(folder)
      return estimateHarvest({
        ...{ config, model },
        devices: devices.state.chosen === null ? await devices.ready() : devices.state,
        jobs: jobs.list(JOBS_LOOKED_AT),
        freeBytes: await freeBytes(workspace),
      })
    },
  }
}
