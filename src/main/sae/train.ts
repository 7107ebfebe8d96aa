// A training run from beginning to end; killed at any moment, it goes on from its last checkpoint along the same curve.
// Letters: D width of the model, B rows a step, K steps a run.
import { performance } from 'node:perf_hooks'
import { expected } from '../../shared/errors.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import type { TrainConfig } from '../../shared/sae.ts'
import { memberIds, membersOf } from '../../shared/sae-sweep.ts'
import { type HarvestInput, HarvestRows } from '../activations/harvest-rows.ts'
import { type LiveInput, refillRows } from '../activations/live-reader.ts'
import { LiveRows } from '../activations/live-rows.ts'
import { LiveThread } from '../activations/live-thread.ts'
import { AskedToStop, type RowSource } from '../activations/row-source.ts'
import { firstPosition } from '../activations/shuffled-rows.ts'
import type { Tensor } from '../onnx/tensor.ts'
import { type TrainingCheckpoint, readCommon } from './training-checkpoint.ts'
import type { CheckupNews } from './doctor/checkup.ts'
import type { Marks } from './marks.ts'
import { checkpointsOf, Member } from './member.ts'
import { type Plan, planTraining, stepsOfRun } from './training-plan.ts'
import { scaled } from './scaled-rows.ts'
import { liveMemory, planRequest } from './training-cost.ts'
import type { Validation } from './validation.ts'

export interface TrainingOrder {
  /** Where metrics and checkpoints are put, those of a sweep with a number behind it; what lies there is continued. */
  readonly folder: string
  readonly config: TrainConfig
  /** Where rows come from: a harvest, or a model that reads a corpus meanwhile. */
  readonly input: { readonly harvest: HarvestInput } | { readonly live: LiveInput }
  readonly device: UsableDevice
  /** Bytes the run may use; null when nothing tells. */
  readonly memory: number | null
  /** Which tokens are punctuation, spaces or special; absent where nobody can tell. */
  readonly marks?: Marks | undefined
}

export interface TrainingWork {
  /** Steps that are done, of all. */
  onProgress(steps: number, of: number): void
  onPlan(plan: Plan): void
  /** What the doctor found at a validation, of each SAE; `name` is its one in a sweep. */
  onCheckup?(news: CheckupNews, name: string | null): void
  /** True once the run is known to have to stop. */
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
  readonly batches: TrainingCheckpoint['batches']
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

/** Throws `sae/diverged`, `sae/too-large`, `sae/options`, `sae/no-rows`, `sae/checkpoint`, and what the input and the disk throw. */
export async function train(order: TrainingOrder, work: TrainingWork): Promise<Trained> {
  const { input } = order
  if ('harvest' in input && input.harvest.manifest.ledger.split.train === 0) {
    throw expected(
      'sae/no-rows',
      'The harvest has no rows to train on.',
      'Harvest more text, or leave out less of it.',
    )
  }
  const run = new Run(order, work)
  try {
    return await run.all()
  } catch (error) {
    // before there was anything to keep
    if (error instanceof AskedToStop) await work.checkpoint()
    throw error
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
  readonly #width: number
  #rows: RowSource | undefined
  readonly #steps: number
  readonly #plan: Plan
  readonly #places: readonly Place[]

  constructor(order: TrainingOrder, work: TrainingWork) {
    const { config, device, input, memory } = order
    const D = 'harvest' in input ? input.harvest.manifest.model.width : input.live.checkpoint.config.width
    this.#width = D
    this.#order = order
    this.#work = work
    this.#steps = Math.ceil(config.tokens / config.batch)
    this.#plan = planTraining(planRequest(config, D, device, memory, besideOf(order)))
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
  }

  async all(): Promise<Trained> {
    const { config } = this.#order
    const before = await readCommon(this.#places.map(({ folder }) => checkpointsOf(folder)))
    // only now: what is refused leaves neither files nor a thread behind
    this.#rows = await this.#source()
    const starts = before ?? (await this.#first())
    const [{ scale, step: begunAt }] = starts as [TrainingCheckpoint]
    let { step, position } = starts[0]!
    for (const [index, { member }] of this.#places.entries()) await member.begin(starts[index]!)
    await this.#rows.open(position)
    const begun = performance.now()
    let [saved, waited, each] = [begun, 0, null as number | null]
    let coming = this.#ask(this.#count(step, each), scale)
    let firstBatch: Float32Array | undefined
    const save = async (rows: Float32Array) => {
      // all or none: one that went wrong leaves no newer checkpoint of the others
      await this.#each((member) => member.check(step, rows))
      await this.#each((member) => member.save({ step, position, scale }))
      saved = performance.now()
    }
    while (step < this.#steps) {
      const asked = performance.now()
      const rows = await coming.rows.catch(async (error: unknown) => {
        if (error instanceof AskedToStop && firstBatch) await save(firstBatch)
        throw error
      })
      const wait = performance.now() - asked
      waited += wait
      const K = coming.count
      if (step + K < this.#steps) coming = this.#ask(this.#count(step + K, each), scale)
      const ran = performance.now()
      await this.#each((member) => member.run(step, K, rows.x, wait / this.#places.length))
      each = (performance.now() - ran) / K
      const ofRows = rows.x.subarray(0, config.batch * this.#width)
      firstBatch = ofRows
      step += K
      position = rows.position
      if (step % config.validateEvery === 0 && step < this.#steps) await this.#validate(step, scale)
      if (config.resampleEvery > 0 && step % config.resampleEvery === 0 && step < this.#steps / 2) {
        await this.#each((member) => member.resample(step, ofRows))
      }
      this.#work.onProgress(step, this.#steps)
      const due = performance.now() - saved > config.checkpointMinutes * 60_000
      const kept = due || this.#work.stopping || step === this.#steps
      if (kept) await save(ofRows)
      try {
        await this.#work.checkpoint()
      } catch (error) {
        // a stop that came while the steps ran is heard only there
        if (!kept) await save(ofRows)
        throw error
      }
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
    await this.#rows?.close()
    await Promise.all(this.#places.map(({ member }) => member.close()))
  }

  /** One after the other: each has all cores. */
  async #each(work: (member: Member) => Promise<void>): Promise<void> {
    for (const { member } of this.#places) await work(member)
  }

  /** Measures a sample, and makes the first states of it. */
  async #first(): Promise<TrainingCheckpoint[]> {
    await this.#rows!.open(firstPosition)
    const { x } = await this.#rows!.next(SAMPLE_ROWS, 1)
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

  async #source(): Promise<RowSource> {
    const { input, config, device } = this.#order
    if ('harvest' in input) return new HarvestRows(input.harvest, config.seed)
    // one process may use WebGPU from one thread alone
    const source = device.provider === 'webgpu' ? LiveRows : LiveThread
    return await source.start(input.live, {
      device,
      validationRows: liveValidationRows(config.batch, this.#width),
      stopping: () => this.#work.stopping,
    })
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
    const rows = this.#rows!.next(count * this.#order.config.batch, scale)
    // a failure is told when its turn comes
    rows.catch(() => undefined)
    return { count, rows }
  }

  /** Null where no rows validate. */
  async #validate(step: number, scale: number, most = VALIDATION_BATCHES): Promise<Validation[] | null> {
    const { config, marks } = this.#order
    const measured: Validation[] = []
    for (const { member, name } of this.#places) {
      const loader = this.#rows!.validation(config.batch)
      if (loader) measured.push(await member.validate(step, scaled(loader, { scale, most, marks })))
      this.#work.onCheckup?.(member.checkUp(step), name)
    }
    return measured.length > 0 ? measured : null
  }
}

/** As many as are measured on the way, where nothing keeps them but memory. */
function liveValidationRows(batch: number, D: number): number {
  return Math.min(VALIDATION_BATCHES * batch, refillRows(D))
}

/** Bytes that are held beside the SAEs. */
function besideOf({ input, device }: TrainingOrder): number {
  return 'harvest' in input ? 0 : liveMemory(input.live.config, input.live.checkpoint.config, device)
}
