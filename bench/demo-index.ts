// An index of features as the app makes it of the demo: harvested, trained by the preset, indexed.
import { join } from 'node:path'
import { buildIndex } from '../src/main/features/build-index.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../src/main/llama/tokenizer.ts'
import { folded } from '../src/main/sae/fold.ts'
import { partsInMemory } from '../src/main/sae/sae-parts.ts'
import { hashSae } from '../src/main/sae/sae-hash.ts'
import { train } from '../src/main/sae/train.ts'
import { writeSae } from '../src/main/sae/write-sae.ts'
import { demoHarvest as settings } from '../src/shared/demo.ts'
import { trainConfigSchema, variantOptions } from '../src/shared/sae.ts'
import { trainPresets } from '../src/shared/sae-presets.ts'
import { device } from './llama.ts'
import { DEMO_MODEL, demoHarvest } from './sae-trained.ts'

/** Makes it in `root` and returns its folder. */
export async function demoIndex(root: string): Promise<string> {
  const [source, saeFolder, folder] = ['harvest', 'sae', 'index'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ]
  const manifest = await demoHarvest(source, settings)
  const { width: D, hook } = manifest.model
  const preset = trainPresets.find(({ id }) => id === 'demo')!
  const config = trainConfigSchema.parse({ harvest: source, ...preset.settings(D) })
  const idle = { onProgress: () => undefined, checkpoint: () => Promise.resolve() }
  const { members, scale } = await train(
    {
      ...{ folder: saeFolder, config, input: { harvest: { folder: source, manifest } }, device },
      memory: null,
    },
    { ...idle, onPlan: () => undefined, stopping: false },
  )
  const { state, validation } = members[0]!
  const sae = folded({
    ...{ variant: config.variant, D, F: config.width, options: variantOptions(config, D), state, scale },
    metadata: { model_name: 'demo', hook_name: hook },
  })
  await writeSae(saeFolder, sae, null)
  const [checkpoint, tokenizer] = [await openCheckpoint(DEMO_MODEL), await Tokenizer.open(DEMO_MODEL)]
  await buildIndex(
    {
      ...{ folder, sae: partsInMemory(sae), saeId: 'demo', saeHash: await hashSae(saeFolder), device },
      harvest: { id: 'demo', folder: source, manifest },
      ...{ share: 1, l0: validation!.l0, model: { checkpoint, tokenizer }, noModel: null },
    },
    idle,
  )
  return folder
}
