// Threads that read harvests: kept while they are asked, given up for others, and begun anew when files have changed.
import { join } from 'node:path'
import { cancelled, expected, MonoscopeError } from '../../shared/errors.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { Harvest } from '../../shared/harvests.ts'
import { Turns } from '../../shared/turns.ts'
import type { ViewSource } from '../activations/context-view.ts'
import { INDEX } from '../activations/harvest-folder.ts'
import { harvestReader } from '../activations/harvest-reads.ts'
import { stampOf } from '../store/stamp.ts'

type ThreadReader = ReturnType<typeof harvestReader>

/** Two threads: to compare a row with 200,000 others takes about a second, and a search must not wait for it. */
interface Open {
  readonly id: string
  readonly index: string
  /** Of the index's file when it was opened. */
  readonly stamp: string
  readonly manifest: HarvestManifest
  readonly shards: ViewSource['shards']
  readonly quick: ThreadReader
  readonly slow: ThreadReader
  /** Of the slow one. */
  readonly turns: Turns
}

export interface HarvestReadersOptions {
  /** Throws `harvest/unknown` and the like. */
  readonly find: (
    id: string,
  ) => Promise<{ readonly harvest: Harvest; readonly manifest: HarvestManifest | null }>
  /** The folder of a checkpoint that the harvest was made from; null where there is none any more. */
  readonly checkpoint: (manifest: HarvestManifest) => Promise<string | null>
}

/** Harvests that are held open. */
const MOST = 3

export class HarvestReaders {
  readonly #options: HarvestReadersOptions
  /** The one that was asked last comes last. */
  readonly #open = new Map<string, Open>()
  readonly #opening = new Turns()

  constructor(options: HarvestReadersOptions) {
    this.#options = options
  }

  /** Throws what the read throws, and `harvest/unfinished`, `harvest/damaged`; the next read opens it anew then. */
  async read<T>(id: string, work: (quick: ThreadReader, source: ViewSource) => Promise<T>): Promise<T> {
    const open = await this.#opened(id)
    return this.#careful(open, async () => work(open.quick, await this.#source(open)))
  }

  /** As `read`, one after the other: what was given up before its turn comes is not begun. */
  async readSlowly<T>(
    id: string,
    signal: AbortSignal,
    work: (slow: ThreadReader, source: ViewSource) => Promise<T>,
  ): Promise<T> {
    const open = await this.#opened(id)
    return open.turns.next(() => {
      if (signal.aborted) throw cancelled()
      return this.#careful(open, async () => work(open.slow, await this.#source(open)))
    })
  }

  /** Ends its threads: on some systems a file that is open cannot be deleted. */
  async release(id: string): Promise<void> {
    const open = this.#open.get(id)
    this.#open.delete(id)
    await Promise.all([open?.quick.close(), open?.slow.close()])
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.release(id)))
  }

  async #source({ manifest, shards }: Open): Promise<ViewSource> {
    return { shards, calibration: manifest.calibration, tokenizer: await this.#options.checkpoint(manifest) }
  }

  async #careful<T>(open: Open, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      // a question that is wrong says nothing about the files
      const asked = error instanceof MonoscopeError && /^(search|harvest|cancelled)/.test(error.code)
      if (!asked && this.#open.get(open.id) === open) await this.release(open.id)
      throw error
    }
  }

  /** One after the other, so that nobody opens twice. */
  #opened(id: string): Promise<Open> {
    return this.#opening.next(() => this.#find(id))
  }

  async #find(id: string): Promise<Open> {
    const known = this.#open.get(id)
    if (known) {
      const unchanged = (await stampOf(known.index)) === known.stamp
      this.#open.delete(id)
      this.#open.set(id, known)
      if (unchanged) return known
    }
    await this.release(id)
    const { harvest, manifest } = await this.#options.find(id)
    if (!manifest || harvest.problem !== null) throw unreadable(harvest)
    const again = this.#open.get(harvest.id)
    // it was asked for by the beginning of its id
    if (again) return again
    const index = join(harvest.path, INDEX)
    const open: Open = {
      ...{ id: harvest.id, index, manifest, turns: new Turns() },
      ...{ quick: harvestReader(index), slow: harvestReader(index) },
      stamp: await stampOf(index),
      shards: manifest.shards.map(({ name, firstRow, rows }) => ({
        ...{ path: join(harvest.path, name), firstRow, rows },
      })),
    }
    this.#open.set(open.id, open)
    const [oldest] = this.#open.keys()
    if (this.#open.size > MOST && oldest !== undefined) await this.release(oldest)
    return open
  }
}

function unreadable({ id, state, problem }: Harvest): Error {
  if (state === 'damaged') {
    return expected(
      'harvest/damaged',
      `The harvest ${id} cannot be read: ${problem ?? 'its manifest is damaged.'}`,
      'Put its files back as they were, or delete it and harvest again.',
    )
  }
  return expected(
    'harvest/unfinished',
    `The harvest ${id} is not finished, so it cannot be read yet.`,
    state === 'stopped' ? 'Resume its job, or delete it.' : 'Let its job end.',
  )
}
