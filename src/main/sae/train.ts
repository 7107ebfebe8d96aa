// A training run from beginning to end; killed at any moment, it goes on from its last checkpoint along the same curve.
// Letters: D width of the model, B rows a step, K steps a run.
import { performance } from 'node:perf_hooks'
import { expected } from '../../shared/errors.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import type { TrainConfig } from '../../shared/sae.ts'
import { memberIds, membersOf } from '../../shared/sweep.ts'
import type { loaderCalls } from '../activations/loader-worker.ts'
import { RowLoader } from '../activations/row-loader.ts'
import { firstPosition } from '../activations/shuffled-rows.ts'
import type { Tensor } from '../onnx/tensor.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { type Checkpoint, readCommon } from './checkpoint.ts'
import { checkpointsOf, Member, type ValidationRows } from './member.ts'
import { type Plan, planTraining, stepsOfRun } from './plan.ts'
import { planRequest } from './training-cost.ts'
import type { Validation } from './validation.ts'

export interface TrainingOrder {
  /** Where metrics and checkpoints are put, those of a sweep with a number behind it; what lies there is continued. */
  readonly folder: string
  readonly config: TrainConfig
  readonly harvest: { readonly folder: string; readonly manifest: HarvestManifest }
  readonly device: UsableDevice
  /** Bytes the run may use; null when nothing tells. */
  readonly memory: number | null
}

export interface TrainingWork {
  /** Steps that are done, of all. */
  onProgress(steps: number, of: number): void
  onPlan(plan: Plan): void
  /** True once the run should stop; it then writes a checkpoint before it calls `checkpoint`. */
  readonly stopping: boolean
  /** Called between two runs of the device; throws when the work should stop. */
  checkpoint(): Promise<void>
}

export interface TrainedMember {
  readonly folder: string
  /** As if it had been trained alone. */
  readonly config: TrainConfig
  /** "k = 16" of a sweep; else null. */
  readonly name: string | null
  readonly state: Readonly<Record<string, Tensor>>
  readonly batches: Checkpoint['batches']
  /** Over all validation rows; null for a harvest without any. */
  readonly validation: Validation | null
}

export interface Trained {
  readonly steps: number
  /** Rows were multiplied by this before they were trained on. */
  readonly scale: number
  /** One but for a sweep, in its order. */
  readonly members: readonly TrainedMember[]
  readonly rowsPerSecond: number
  /** Share of the time that was spent waiting for rows. */
  readonly waiting: number
}

/** Rows of which the decoder's bias and the scale are measured. */
const SAMPLE_ROWS = 4096
/** Batches of the validation rows that are measured on the way; the end measures all. */
const VALIDATION_BATCHES = 8

/** Throws `sae/diverged`, `sae/too-large`, `sae/options`, `sae/no-rows`, `sae/checkpoint`, and what harvest and disk throw. */
export async function train(order: TrainingOrder, work: TrainingWork): Promise<Trained> {
  const { harvest } = order
  if (harvest.manifest.ledger.split.train === 0) {
    throw expected(
      'sae/no-rows',
      'The harvest has no rows to train on.',
      'Harvest more text, or leave out less of it.',
    )
  }
  const run = new Run(order, work)
  try {
    return await run.all()
  } finally {
    await run.close()
  }
}

interface Place extends Pick<TrainedMember, 'folder' | 'config' | 'name'> {
  readonly member: Member
}

class Run {
  readonly #order: TrainingOrder
  readonly #work: TrainingWork
  readonly #loader: Thread<typeof loaderCalls>
  readonly #steps: number
  readonly #plan: Plan
  readonly #places: readonly Place[]

  constructor(order: TrainingOrder, work: TrainingWork) {
    const { config, device, harvest, memory } = order
    const D = harvest.manifest.model.width
    this.#order = order
    this.#work = work
    this.#steps = Math.ceil(config.tokens / config.batch)
    this.#plan = planTraining(planRequest(config, D, device, memory))
    const { moments } = this.#plan
    const folders = memberIds(order.folder, config)
    this.#places = membersOf(config).map(({ config: own, name }, index) => {
      const folder = folders[index]!
      return {
        folder,
        config: own,
        name,
        member: new Member({ folder, config: own, name, D, device, moments }),
      }
    })
    work.onPlan(this.#plan)
    // last: what is refused leaves neither files nor a thread behind
    this.#loader = new Thread(entryUrl('activations/loader-worker', import.meta.url))
  }

  async all(): Promise<Trained> {
    const { config } = this.#order
    const before = await readCommon(this.#places.map(({ folder }) => checkpointsOf(folder)))
    const starts = before ?? (await this.#first())
    const [{ scale, step: begunAt }] = starts as [Checkpoint]
    let { step, position } = starts[0]!
    for (const [index, { member }] of this.#places.entries()) await member.begin(starts[index]!)
    await this.#openLoader(position)
    const begun = performance.now()
    let [saved, waited, each] = [begun, 0, null as number | null]
    let coming = this.#ask(this.#count(step, each), scale)
    while (step < this.#steps) {
      const asked = performance.now()
      const rows = await coming.rows
      waited += performance.now() - asked
      const K = coming.count
      if (step + K < this.#steps) coming = this.#ask(this.#count(step + K, each), scale)
      const ran = performance.now()
      await this.#each((member) => member.run(step, K, rows.x))
      each = (performance.now() - ran) / K
      const firstBatch = rows.x.subarray(0, config.batch * this.#width)
      step += K
      position = rows.position
      if (step % config.validateEvery === 0 && step < this.#steps) await this.#validate(step, scale)
      if (config.resampleEvery > 0 && step % config.resampleEvery === 0 && step < this.#steps / 2) {
        await this.#each((member) => member.resample(step, firstBatch))
      }
      this.#work.onProgress(step, this.#steps)
      const due = performance.now() - saved > config.checkpointMinutes * 60_000
      if (due || this.#work.stopping || step === this.#steps) {
        // all or none: one that went wrong leaves no newer checkpoint of the others
        await this.#each((member) => member.check(step, firstBatch))
        await this.#each((member) => member.save({ step, position, scale }))
        saved = performance.now()
      }
      await this.#work.checkpoint()
    }
    const seconds = (performance.now() - begun) / 1000
    const validations = await this.#validate(step, scale, Infinity)
    const members: TrainedMember[] = []
    for (const [index, { member, ...place }] of this.#places.entries()) {
      const { batches } = member
      const state = await member.state()
      members.push({ ...place, state, batches, validation: validations?.[index] ?? null })
      member.finish()
    }
    return {
      ...{ steps: this.#steps, scale, members },
      rowsPerSecond: seconds > 0 ? ((this.#steps - begunAt) * config.batch) / seconds : 0,
      waiting: seconds > 0 ? waited / 1000 / seconds : 0,
    }
  }

  async close(): Promise<void> {
    // files are closed before their thread ends; what went wrong before is what is told
    await this.#loader.call('close', []).catch(() => undefined)
    await Promise.all([...this.#places.map(({ member }) => member.close()), this.#loader.end()])
  }

  get #width(): number {
    return this.#order.harvest.manifest.model.width
  }

  /** One after the other: each has all cores. */
  async #each(work: (member: Member) => Promise<void>): Promise<void> {
    for (const { member } of this.#places) await work(member)
  }

  /** Measures a sample, and makes the first states of it. */
  async #first(): Promise<Checkpoint[]> {
    await this.#openLoader(firstPosition)
    const { x } = await this.#loader.call('next', [SAMPLE_ROWS, 1])
    const D = this.#width
    let norms = 0
    for (let row = 0; row < SAMPLE_ROWS; row++) norms += Math.hypot(...x.subarray(row * D, (row + 1) * D))
    // rows of mean norm √D, so that rates and penalties mean the same for every model
    const scale = (Math.sqrt(D) * SAMPLE_ROWS) / norms
    const sample = x.map((value) => value * scale)
    return this.#places.map(({ member }) => ({
      ...{ step: 0, position: firstPosition, scale, batches: { train: {}, validation: {} } },
      state: member.initial(sample),
    }))
  }

  async #openLoader(position: Checkpoint['position']): Promise<void> {
    const { folder, manifest } = this.#order.harvest
    await this.#loader.call('open', [
      folder,
      manifest,
      { split: 'train', seed: this.#order.config.seed, position },
    ])
  }

  /** Steps of the next run: about as long as a run should take, and no further than the next thing to do. */
  #count(step: number, each: number | null): number {
    const { validateEvery, resampleEvery } = this.#order.config
    // the first tells how long one takes
    const wanted = each === null ? 1 : stepsOfRun(this.#plan, each / 1000)
    const until = (every: number) => (every === 0 ? Infinity : every - (step % every))
    return Math.min(this.#steps - step, until(validateEvery), until(resampleEvery), wanted)
  }

  #ask(count: number, scale: number) {
    const rows = this.#loader.call('next', [count * this.#order.config.batch, scale])
    // a failure is told when its turn comes
    rows.catch(() => undefined)
    return { count, rows }
  }

  /** Null for a harvest without rows that validate. */
  async #validate(step: number, scale: number, most = VALIDATION_BATCHES): Promise<Validation[] | null> {
    const { config, harvest } = this.#order
    if (harvest.manifest.ledger.split.validation === 0) return null
    const measured: Validation[] = []
    for (const { member } of this.#places) {
      const loader = new RowLoader(harvest.folder, harvest.manifest, {
        ...{ split: 'validation', batch: config.batch },
      })
      measured.push(await member.validate(step, scaled(loader, scale, most)))
    }
    return measured
  }
}

function scaled(loader: RowLoader, scale: number, most: number): ValidationRows {
  async function* batches() {
    let handed = 0
    for await (const { count, activations } of loader.batches()) {
      yield { count, activations: activations.map((value) => value * scale) }
      if (++handed >= most) return
    }
  }
  return { batches: batches(), ledger: loader.ledger }
}
