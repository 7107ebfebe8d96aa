// A small harvest of the demo model, as the tests make it; run by itself, it is a process that can be killed.
import { harvest } from '../../../src/main/activations/harvest.ts'
import type { HarvestOrder } from '../../../src/main/activations/harvest-order.ts'
import { openCheckpoint } from '../../../src/main/llama/open-checkpoint.ts'
import { type HarvestConfig, harvestConfigSchema } from '../../../src/shared/harvest.ts'
import { cpuWith, demoLlama } from '../../helpers/llama.ts'

export async function smallHarvest(
  folder: string,
  corpus: string,
  changes: Partial<HarvestConfig> = {},
): Promise<HarvestOrder> {
  const config = harvestConfigSchema.parse({
    ...{ model: 'demo', corpus, layer: 1, tokens: 6_000, contextLength: 32 },
    ...{ stratumField: 'domain', validationShare: 0.2, ...changes },
  })
  const checkpoint = await openCheckpoint(demoLlama.folder)
  return {
    ...{ folder, config, device: cpuWith(), hub: null, shardRows: 400 },
    model: { name: 'demo', hash: 'of the demo model', checkpoint },
  }
}

export const idle = {
  onProgress: () => undefined,

  checkpoint: () => Promise.resolve(),
}

const [, , folder, corpus] = process.argv
if (process.send && folder && corpus) {
  await harvest(await smallHarvest(folder, corpus), {
    ...idle,
    onProgress: (rows) => process.send?.(rows),
  })
}
