// What a trained TopK leaves unexplained of the demo harvest, beside one that PyTorch trained once on the same rows.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { harvest } from '../src/main/activations/harvest.ts'
import { openCheckpoint } from '../src/main/llama/open-checkpoint.ts'
import { train } from '../src/main/sae/train.ts'
import { type HarvestConfig, type HarvestManifest, harvestConfigSchema } from '../src/shared/harvest.ts'
import { trainConfigSchema } from '../src/shared/sae.ts'
import { device } from './llama.ts'
import { openPython } from './peer.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
export const DEMO_MODEL = at('../resources/demo/model')
const CORPUS = at('../resources/demo/corpus/demo.jsonl.zst')
const RESULT = at('peers/results/sae_train.json')
/** Of PyTorch's share of variance that is left unexplained; at the same L0, width and number of rows. */
const AIM = 1.02

interface PeerResult {
  readonly torch: string
  readonly fvu: number
  readonly l0: number
  /** Of the rows it was trained on and of how. */
  readonly hash: string
}

export async function benchTrained(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'monoscope-bench-'))
  try {
    const manifest = await demoHarvest(folder)
    const config = trainConfigSchema.parse({
      ...{
        harvest: folder,
        variant: 'topk',
        width: 1536,
        k: 24,
        batch: 1024,
        tokens: 1_400_000,
        rate: 0.002,
      },
    })
    const { width, k, batch, rate, warmup, decayShare, deadAfter, auxCoefficient, clip } = config
    const steps = Math.ceil(config.tokens / batch)
    const recipe = { width, k, batch, steps, rate, warmup, decayShare, deadAfter, auxCoefficient, clip }
    console.log(`\nTopK trained on the demo harvest: F ${width}, k ${k}, ${steps} steps of ${batch} rows`)
    const hash = hashOf(manifest, recipe)
    if (process.env.MONOSCOPE_BENCH_RENEW) await renew(folder, hash, recipe)
    const peer = JSON.parse(await readFile(RESULT, 'utf8')) as PeerResult
    if (peer.hash !== hash) {
      console.log('  No comparison: PyTorch was trained on other rows, or otherwise, than these.')
      console.log('  MONOSCOPE_BENCH_RENEW=1 trains it again, where Python has torch and pyarrow.')
      return
    }
    const { members } = await train(
      { folder: join(folder, 'sae'), config, input: { harvest: { folder, manifest } }, device, memory: null },
      {
        onProgress: () => undefined,
        onPlan: () => undefined,
        stopping: false,
        checkpoint: () => Promise.resolve(),
      },
    )
    const { fvu, l0 } = members[0]!.validation!
    const ratio = fvu / peer.fvu
    console.log(
      `  PyTorch ${peer.torch.padEnd(8)} ${peer.fvu.toFixed(4)} unexplained, L0 ${peer.l0.toFixed(1)}`,
    )
    console.log(`  Monoscope        ${fvu.toFixed(4)} unexplained, L0 ${l0.toFixed(1)}`)
    console.log(`  ratio            ${ratio.toFixed(3)} (aim ${AIM}: ${ratio <= AIM ? 'met' : 'missed'})`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of about 400,000 rows, unless `changes` say otherwise. */
export async function demoHarvest(
  folder: string,
  changes: Partial<HarvestConfig> = {},
): Promise<HarvestManifest> {
  const checkpoint = await openCheckpoint(DEMO_MODEL)
  const config = harvestConfigSchema.parse({
    ...{ model: 'demo', corpus: CORPUS, layer: 2, tokens: 400_000, stratumField: 'meta.pile_set_name' },
    ...changes,
  })
  return await harvest(
    { folder, config, model: { name: 'demo', hash: 'demo', checkpoint }, device, hub: null },
    { onProgress: () => undefined, checkpoint: () => Promise.resolve() },
  )
}

/** Shards hold rows with their tokens and splits, and nothing of where or when they were made. */
function hashOf({ shards }: HarvestManifest, recipe: Readonly<Record<string, number>>): string {
  const hash = createHash('sha256').update(JSON.stringify(recipe))
  for (const { sha256 } of shards) hash.update(sha256)
  return hash.digest('hex')
}

async function renew(folder: string, hash: string, recipe: Readonly<Record<string, number>>): Promise<void> {
  const peer = await openPython('sae_train.py', ['torch', 'pyarrow'], [folder, JSON.stringify(recipe)])
  if (!peer) return
  await writeFile(RESULT, `${JSON.stringify({ ...peer.about, hash }, null, 2)}\n`)
  peer.close()
}
