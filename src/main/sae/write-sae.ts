// Writes an SAE as SAELens 6 does: cfg.json, sae_weights.safetensors, sparsity.safetensors.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SafetensorsWriter } from '../llama/safetensors-writer.ts'
import { writeFileAtomic } from '../store/atomic.ts'
import { CONFIG, SPARSITY, WEIGHTS } from './sae-folder.ts'
import { type Sae, tensorShapes } from './sae.ts'

/** The first version whose loader reads `metadata`; without one it takes the path for older files and loses the hook. */
const SAELENS_VERSION = '6.54.12'
/** What SAELens adds to a density before it takes the logarithm. */
const LEAST_DENSITY = 1e-10

/** `density` (F) is the share of rows in which each feature fires; null when nobody measured it. Throws `disk/…`. */
export async function writeSae(folder: string, sae: Sae, density: ArrayLike<number> | null): Promise<void> {
  await mkdir(folder, { recursive: true })
  const shapes = Object.entries(tensorShapes(sae.architecture, sae))
  await writeTensors(
    join(folder, WEIGHTS),
    shapes.map(([name, shape]) => ({ name, shape, data: sae.tensors[name]! })),
  )
  if (density) {
    const logs = Float32Array.from(density, (share) => Math.log10(share + LEAST_DENSITY))
    await writeTensors(join(folder, SPARSITY), [{ name: 'sparsity', shape: [sae.F], data: logs }])
  }
  const { architecture, D, F, k, experts, centred, rescaled, normalisation, metadata } = sae
  const config = {
    ...{ d_in: D, d_sae: F, dtype: 'float32', device: 'cpu', apply_b_dec_to_input: centred },
    ...{ normalize_activations: normalisation, reshape_activations: 'none' },
    metadata: { sae_lens_training_version: null, ...metadata, sae_lens_version: layoutVersion(metadata) },
    ...(architecture === 'topk' && { k, rescale_acts_by_decoder_norm: rescaled }),
    ...(architecture === 'switch' && { k, experts }),
    architecture,
  }
  // last: a folder with a configuration is whole
  await writeFileAtomic(join(folder, CONFIG), `${JSON.stringify(config, undefined, 2)}\n`)
}

/** Of an SAE from before version 6, too, the folder is in the newer layout. */
function layoutVersion({ sae_lens_version: told }: Sae['metadata']): string {
  return typeof told === 'string' && Number.parseInt(told, 10) >= 6 ? told : SAELENS_VERSION
}

async function writeTensors(
  path: string,
  tensors: readonly {
    readonly name: string
    readonly shape: readonly number[]
    readonly data: Float32Array
  }[],
): Promise<void> {
  const planned = tensors.map(({ name, shape }) => ({ name, shape, dtype: 'F32' as const }))
  const writer = await SafetensorsWriter.create(path, planned, { format: 'pt' })
  for (const { data } of tensors) {
    await writer.write(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  await writer.commit()
}
