// A small harvest of the demo model with an SAE that was not trained, and an index of both; run by itself, a process that kills itself on the way.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { harvest } from '../../src/main/activations/harvest.ts'
import { buildIndex } from '../../src/main/features/build-index.ts'
import type { IndexOrder, IndexWork } from '../../src/main/features/index-order.ts'
import { noise } from '../../src/main/llama/noise.ts'
import { hashCheckpoint } from '../../src/main/llama/library/library.ts'
import { openCheckpoint } from '../../src/main/llama/open-checkpoint.ts'
import { Tokenizer } from '../../src/main/llama/tokenizer.ts'
import { openSaeFolder } from '../../src/main/sae/exchange/read-sae.ts'
import type { Sae } from '../../src/main/sae/sae.ts'
import { writeSae } from '../../src/main/sae/write-sae.ts'
import { readHarvest } from '../../src/main/activations/harvest-folder.ts'
import { type HarvestConfig, harvestConfigSchema } from '../../src/shared/harvest.ts'
import { jsonLines } from './corpus.ts'
import { cpuWith, demoLlama } from './llama.ts'

const english = [
  'the patient said',
  'chest pain',
  'and it came to pass',
  'of the heart',
  'a severe infection.',
]
const spanish = ['el señor dijo', 'dolor de pecho', 'y aconteció que', 'del corazón', 'una infección grave.']

/** Documents in two strata and two languages; every other pair says that it belongs together. */
export async function writeSmallCorpus(path: string, pairs = 60): Promise<void> {
  const text = (words: readonly string[], pair: number) =>
    Array.from(
      { length: 4 + (pair % 9) },
      (_, place) => words[Math.floor(noise(3, pair, place) * words.length)],
    ).join(' ')
  const records = Array.from({ length: pairs }, (_, pair) =>
    (['en', 'es'] as const).map((lang) => ({
      text: `${text(lang === 'en' ? english : spanish, pair)} ${pair}.`,
      meta: {
        domain: pair % 3 === 0 ? 'clinic' : 'story',
        lang,
        ...(pair % 2 === 0 && { parallel: `pair ${pair}` }),
      },
    })),
  )
  await writeFile(path, jsonLines(records.flat()))
}

/** TopK with directions by chance; the last feature cannot fire. */
export function chanceSae(D: number, F: number, k: number): Sae {
  const W_dec = Float32Array.from({ length: F * D }, (_, at) => noise(5, 1, at) + noise(5, 2, at) - 1)
  const W_enc = new Float32Array(D * F)
  for (let f = 0; f < F; f++) for (let d = 0; d < D; d++) W_enc[d * F + f] = W_dec[f * D + d]!
  const b_enc = new Float32Array(F)
  b_enc[F - 1] = -1e6
  return {
    ...{ architecture: 'topk', D, F, k, centred: true, rescaled: false, normalisation: 'none' },
    metadata: { model_name: 'demo', hook_name: 'blocks.1.hook_resid_post' },
    tensors: { W_enc, W_dec, b_enc, b_dec: new Float32Array(D) },
  }
}

/** A harvest in `root/harvests/small` and an SAE in `root/saes/chance`. */
export async function smallPlace(
  root: string,
  changes: Partial<HarvestConfig> = {},
): Promise<{ readonly harvest: string; readonly sae: string }> {
  const corpus = join(root, 'corpus.jsonl')
  const [folder, sae] = [join(root, 'harvests', 'small'), join(root, 'saes', 'chance')]
  await mkdir(join(root, 'harvests'), { recursive: true })
  await writeSmallCorpus(corpus)
  const config = harvestConfigSchema.parse({
    ...{ model: demoLlama.folder, corpus, layer: 1, tokens: 2_500, contextLength: 32 },
    ...{ stratumField: 'meta.domain', languageField: 'meta.lang', validationShare: 0.2, ...changes },
  })
  const checkpoint = await openCheckpoint(demoLlama.folder)
  await harvest(
    {
      ...{ folder, config, device: cpuWith(), hub: null, shardRows: 700 },
      model: { name: 'demo', hash: await hashCheckpoint(demoLlama.folder), checkpoint },
    },
    { onProgress: () => undefined, checkpoint: () => Promise.resolve() },
  )
  await writeSae(sae, chanceSae(checkpoint.config.width, 64, 5), null)
  return { harvest: folder, sae }
}

export async function indexOrder(
  place: { readonly harvest: string; readonly sae: string },
  folder: string,
  changes: Partial<IndexOrder> = {},
): Promise<IndexOrder> {
  const sae = await openSaeFolder(place.sae)
  const [checkpoint, tokenizer] = [
    await openCheckpoint(demoLlama.folder),
    await Tokenizer.open(demoLlama.folder),
  ]
  return {
    ...{ folder, sae, saeId: 'chance', saeHash: 'of the SAE', share: 1, l0: 5, device: cpuWith() },
    harvest: { id: 'small', folder: place.harvest, manifest: await readHarvest(place.harvest) },
    ...{
      model: { checkpoint, tokenizer },
      noModel: null,
      limits: { bucket: 250, pass: 30, part: 30 },
      ...changes,
    },
  }
}

export const idleIndex: IndexWork = { onProgress: () => undefined, checkpoint: () => Promise.resolve() }

const [, , harvestFolder, saeFolder, folder, kill] = process.argv
if (process.send && harvestFolder && saeFolder && folder && kill) {
  // told from outside, it could be done before that arrives
  let told = 0
  const onProgress = (step: string) => {
    if (kill.startsWith(step) && kill === `${step} ${++told}`) process.kill(process.pid, 'SIGKILL')
  }
  await buildIndex(await indexOrder({ harvest: harvestFolder, sae: saeFolder }, folder), {
    ...idleIndex,
    onProgress,
  })
  process.disconnect()
}
