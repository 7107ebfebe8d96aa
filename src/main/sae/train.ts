// A training run from beginning to end; killed at any moment, it goes on from its last checkpoint along the same curve.
// Letters: D width of the model, F features, B rows a step, K steps a run.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { expected } from '../../shared/errors.ts'
import type { UsableDevice } from '../../shared/devices.ts'
import type { HarvestManifest } from '../../shared/harvest.ts'
import { type TrainConfig, variantOptions } from '../../shared/sae.ts'
import type { loaderCalls } from '../activations/loader-worker.ts'
import { RowLoader } from '../activations/row-loader.ts'
import { firstPosition } from '../activations/shuffled-rows.ts'
import { openStepper, type Stepper } from '../onnx/steps.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'
import { entryUrl } from '../store/entry.ts'
import { Thread } from '../store/thread-calls.ts'
import { TrainingMetrics } from '../store/training-metrics.ts'
import { type Batches, type Checkpoint, readNewest, writeCheckpoint } from './checkpoint.ts'
import { initialState } from './initial.ts'
import { type Plan, planTraining, stepsOfRun } from './plan.ts'
import { resampled } from './resample.ts'
import { rateAt, warmAt } from './schedule.ts'
import { planRequest } from './training-cost.ts'
import { assertSound, stepRecords } from './step-records.ts'
import { type StepInput, type StepMetric, type TrainingStep, trainingStep } from './step.ts'
import { densityHistogram, trainedDictionary, type Validation, Validator } from './validation.ts'
import { variants } from './variants/index.ts'

export interface TrainingOrder {
  /** Where metrics and checkpoints are put; what an earlier attempt left there is continued. */
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

export interface Trained {
  readonly steps: number
  readonly state: Readonly<Record<string, Tensor>>
  /** Rows were multiplied by this before they were trained on. */
  readonly scale: number
  readonly batches: { readonly train: Batches; readonly validation: Batches }
  /** Over all validation rows; null for a harvest without any. */
  readonly validation: Validation | null
  readonly rowsPerSecond: number
  /** Share of the time that was spent waiting for rows. */
  readonly waiting: number
}

/** Rows of which the decoder's bias and the scale are measured. */
const SAMPLE_ROWS = 4096
/** Batches of the validation rows that are measured on the way; the end measures all. */
const VALIDATION_BATCHES = 8
const METRICS = 'metrics.sqlite'
const CHECKPOINTS = 'checkpoints'

/** Throws `sae/diverged`, `sae/too-large`, `sae/no-rows`, `sae/checkpoint`, and what harvest and disk throw. */
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

class Run {
  readonly #order: TrainingOrder
  readonly #work: TrainingWork
  readonly #loader: Thread<typeof loaderCalls>
  readonly #metrics: TrainingMetrics
  readonly #step: TrainingStep
  readonly #steps: number
  readonly #plan: Plan
  readonly #validator: Validator
  readonly #size: {
    readonly D: number
    readonly F: number
    readonly options: ReturnType<typeof variantOptions>
  }
  #stepper: Stepper<string, StepInput, StepMetric> | undefined
  #trained: Record<string, number> = {}
  #validated: Record<string, number> = {}

  constructor(order: TrainingOrder, work: TrainingWork) {
    const { config, device, harvest, memory } = order
    const [D, F] = [harvest.manifest.model.width, config.width]
    const variant = variants[config.variant]
    this.#order = order
    this.#work = work
    this.#size = { D, F, options: variantOptions(config, D) }
    this.#steps = Math.ceil(config.tokens / config.batch)
    this.#plan = planTraining(planRequest(config, D, device, memory))
    work.onPlan(this.#plan)
    this.#step = trainingStep(variant, {
      ...{ D, F, B: config.batch, options: this.#size.options, clip: config.clip, beta1: 0.9, beta2: 0.999 },
      ...{ deadAfter: config.deadAfter, moments: this.#plan.moments },
      block: device.provider === 'webgpu' ? undefined : BLOCK,
    })
    this.#validator = new Validator(trainedDictionary(variant, this.#size), device)
    // last: what is refused leaves neither files nor a thread behind
    mkdirSync(order.folder, { recursive: true })
    this.#metrics = new TrainingMetrics(join(order.folder, METRICS))
    this.#loader = new Thread(entryUrl('activations/loader-worker', import.meta.url))
  }

  async all(): Promise<Trained> {
    const { config, folder } = this.#order
    const before = await readNewest(join(folder, CHECKPOINTS))
    this.#metrics.cutAfter(before?.step ?? 0)
    const start = before ?? (await this.#begin())
    this.#trained = { ...start.batches.train }
    this.#validated = { ...start.batches.validation }
    const { scale } = start
    let { step, position } = start
    await this.#open(start.state)
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
      await this.#run(step, K, rows.x)
      each = (performance.now() - ran) / K
      const firstBatch = rows.x.subarray(0, config.batch * this.#size.D)
      step += K
      position = rows.position
      this.#trained[config.batch] = (this.#trained[config.batch] ?? 0) + K
      if (step % config.validateEvery === 0 && step < this.#steps) await this.#validate(step, scale)
      if (config.resampleEvery > 0 && step % config.resampleEvery === 0 && step < this.#steps / 2) {
        await this.#resample(step, firstBatch)
      }
      this.#work.onProgress(step, this.#steps)
      const due = performance.now() - saved > config.checkpointMinutes * 60_000
      if (due || this.#work.stopping || step === this.#steps) {
        await this.#save({ step, position, scale }, firstBatch)
        saved = performance.now()
      }
      await this.#work.checkpoint()
    }
    const seconds = (performance.now() - begun) / 1000
    const state = await this.#stepper!.state()
    const validation = await this.#validate(step, scale, Infinity)
    this.#metrics.finish()
    return {
      ...{ steps: this.#steps, state, scale, validation, batches: this.#batches },
      rowsPerSecond: seconds > 0 ? ((this.#steps - start.step) * config.batch) / seconds : 0,
      waiting: seconds > 0 ? waited / 1000 / seconds : 0,
    }
  }

  async close(): Promise<void> {
    this.#metrics.close()
    // files are closed before their thread ends; what went wrong before is what is told
    await this.#loader.call('close', []).catch(() => undefined)
    await Promise.all([this.#stepper?.close(), this.#validator.close(), this.#loader.end()])
  }

  get #batches() {
    return { train: { ...this.#trained }, validation: { ...this.#validated } }
  }

  /** Measures a sample, and makes the first state of it. */
  async #begin(): Promise<Checkpoint> {
    const { config } = this.#order
    await this.#openLoader(firstPosition)
    const { x } = await this.#loader.call('next', [SAMPLE_ROWS, 1])
    const { D } = this.#size
    let norms = 0
    for (let row = 0; row < SAMPLE_ROWS; row++) norms += Math.hypot(...x.subarray(row * D, (row + 1) * D))
    // rows of mean norm √D, so that rates and penalties mean the same for every model
    const scale = (Math.sqrt(D) * SAMPLE_ROWS) / norms
    const state = initialState(variants[config.variant], this.#step, {
      ...{ ...this.#size, seed: config.seed },
      sample: x.map((value) => value * scale),
    })
    return { step: 0, position: firstPosition, scale, batches: { train: {}, validation: {} }, state }
  }

  async #openLoader(position: Checkpoint['position']): Promise<void> {
    const { folder, manifest } = this.#order.harvest
    await this.#loader.call('open', [
      folder,
      manifest,
      { split: 'train', seed: this.#order.config.seed, position },
    ])
  }

  async #open(state: Readonly<Record<string, Tensor>>): Promise<void> {
    await this.#stepper?.close()
    this.#stepper = await openStepper(this.#step, state, this.#order.device)
  }

  /** Steps of the next run: about as long as a run should take, and no further than the next thing to do. */
  #count(step: number, each: number | null): number {
    const { validateEvery, resampleEvery } = this.#order.config
    // the first tells how long one takes
    const wanted = each === null ? 1 : stepsOfRun(this.#plan, each / 1000)
    const until = (every: number) => (every === 0 ? Infinity : every - (step % every))
    return Math.min(...[this.#steps - step, until(validateEvery), until(resampleEvery), wanted])
  }

  #ask(count: number, scale: number) {
    const rows = this.#loader.call('next', [count * this.#order.config.batch, scale])
    // a failure is told when its turn comes
    rows.catch(() => undefined)
    return { count, rows }
  }

  async #run(step: number, K: number, x: Float32Array): Promise<void> {
    const { config } = this.#order
    const { D } = this.#size
    const each = (value: (step: number) => number) =>
      tensor(
        'float32',
        [K],
        Float32Array.from({ length: K }, (_, turn) => value(step + turn)),
      )
    const began = performance.now()
    const told = await this.#stepper!.run({
      x: tensor('float32', [K, config.batch, D], x),
      rate: each((at) => rateAt(at, this.#steps, config)),
      warm: each((at) => warmAt(at, config)),
    })
    const rowsPerSecond = (K * config.batch * 1000) / (performance.now() - began)
    const names = Object.keys(variants[config.variant].parameters(this.#size, this.#size.options))
    const { records, problem } = stepRecords(told, { step, config, steps: this.#steps, names, rowsPerSecond })
    this.#metrics.steps(records)
    if (problem) throw problem
  }

  async #validate(step: number, scale: number, most = VALIDATION_BATCHES): Promise<Validation | null> {
    const { config, harvest } = this.#order
    if (harvest.manifest.ledger.split.validation === 0) return null
    const loader = new RowLoader(harvest.folder, harvest.manifest, {
      split: 'validation',
      batch: config.batch,
    })
    const measured = await this.#validator.measure(await this.#stepper!.state(), scaled(loader, scale, most))
    for (const [rows, times] of Object.entries(loader.ledger)) {
      this.#validated[rows] = (this.#validated[rows] ?? 0) + times
    }
    const { fvu, l0, dead, shrinkage, cosine, density } = measured
    this.#metrics.validation({ step, fvu, l0, dead, shrinkage, cosine, densities: densityHistogram(density) })
    return measured
  }

  async #resample(step: number, rows: Float32Array): Promise<void> {
    const { config } = this.#order
    const state = await this.#stepper!.state()
    const { errors, reconstruction } = await this.#validator.errors(state, config.batch, rows)
    const next = resampled(state, {
      ...{
        ...this.#size,
        rows,
        errors,
        reconstruction,
        seed: config.seed,
        step,
        deadAfter: config.deadAfter,
      },
      parameters: variants[config.variant].parameters(this.#size, this.#size.options),
    })
    if (next) await this.#open(next)
  }

  /** Rows of a batch say whether the state is worth keeping. */
  async #save(facts: Pick<Checkpoint, 'step' | 'position' | 'scale'>, rows: Float32Array): Promise<void> {
    const state = await this.#stepper!.state()
    const { errors } = await this.#validator.errors(state, this.#order.config.batch, rows)
    assertSound(facts.step, state, { errors, rows })
    await writeCheckpoint(join(this.#order.folder, CHECKPOINTS), { ...facts, batches: this.#batches, state })
  }
}

/** Elements of a parameter that Adam updates together, so that they stay in the cores' caches. */
const BLOCK = 147_456

async function* scaled(loader: RowLoader, scale: number, most: number) {
  let batches = 0
  for await (const { count, activations } of loader.batches()) {
    yield { count, activations: activations.map((value) => value * scale) }
    if (++batches >= most) return
  }
}
