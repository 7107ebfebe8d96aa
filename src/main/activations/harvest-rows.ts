// A harvest's rows for training, read and shuffled by a thread of their own.
import type { HarvestManifest } from '../../shared/harvest.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import type { loaderCalls } from './loader-worker.ts'
import { RowLoader } from './row-loader.ts'
import type { RowPosition, RowSource } from './row-source.ts'

export interface HarvestInput {
  readonly folder: string
  readonly manifest: HarvestManifest
}

export class HarvestRows implements RowSource {
  readonly #input: HarvestInput
  readonly #seed: number
  readonly #loader = new Thread<typeof loaderCalls>(entryUrl('activations/loader-worker', import.meta.url))

  constructor(input: HarvestInput, seed: number) {
    this.#input = input
    this.#seed = seed
  }

  async open(position: RowPosition): Promise<void> {
    const { folder, manifest } = this.#input
    await this.#loader.call('open', [folder, manifest, { split: 'train', seed: this.#seed, position }])
  }

  async next(count: number, scale: number) {
    return await this.#loader.call('next', [count, scale])
  }

  validation(batch: number): RowLoader | null {
    const { folder, manifest } = this.#input
    if (manifest.ledger.split.validation === 0) return null
    return new RowLoader(folder, manifest, { split: 'validation', batch })
  }

  async close(): Promise<void> {
    // files are closed before their thread ends; what went wrong before is what is told
    await this.#loader.call('close', []).catch(() => undefined)
    await this.#loader.end()
  }
}
