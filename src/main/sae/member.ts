// One SAE in training: its state on the device, its metrics, its checkpoints; several of them may get the same rows.
// Letters: D width of the model, F features, B rows a step, K steps a run.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import type { UsableDevice } from '../../shared/devices.ts'
import { expected, MonoscopeError } from '../../shared/errors.ts'
import { type TrainConfig, variantOptions } from '../../shared/sae.ts'
import { openStepper } from '../onnx/stepper.ts'
import type { Stepper } from '../onnx/steps.ts'
import { type Tensor, tensor } from '../onnx/tensor.ts'
import { TrainingMetrics } from '../store/training-metrics.ts'
import { type Batches, type TrainingCheckpoint, writeCheckpoint } from './training-checkpoint.ts'
import { checkUp, type CheckupNews } from './doctor/checkup.ts'
import { CHECKPOINTS, METRICS } from './sae-folder.ts'
import { initialState } from './initial.ts'
import type { Plan } from './training-plan.ts'
import { resampled } from './resample.ts'
import { rateAt, warmAt } from './schedule.ts'
import { assertSound, stepRecords } from './step-records.ts'
import { type StepInput, type StepMetric, type TrainingStep, trainingStep } from './step.ts'
import {
  densityHistogram,
  trainedDictionary,
  type Validation,
  type ValidationBatch,
  Validator,
} from './validation.ts'
import { variants } from './variants/index.ts'

export interface MemberOrder {
  /** Where its metrics and checkpoints are put; what an earlier attempt left there is continued. */
  readonly folder: string
  readonly config: TrainConfig
  /** Which of a sweep it is, in errors: "k = 16"; null for one that is trained alone. */
  readonly name: string | null
  readonly D: number
  readonly device: UsableDevice
  readonly moments: Plan['moments']
}

/** Rows to validate on, (count, D) as they are trained on. */
export interface ValidationRows {
  readonly batches: AsyncIterable<ValidationBatch>
  /** Batches that were handed out so far: rows → how many. */
  readonly ledger: Batches
}

/** Elements of a parameter that Adam updates together, so that they stay in the cores' caches. */
const BLOCK = 147_456

export const checkpointsOf = (folder: string): string => join(folder, CHECKPOINTS)

export class Member {
  readonly #order: MemberOrder
  readonly #steps: number
  readonly #step: TrainingStep
  readonly #validator: Validator
  readonly #size: {
    readonly D: number
    readonly F: number
    readonly options: ReturnType<typeof variantOptions>
  }
  #metrics: TrainingMetrics | undefined
  #stepper: Stepper<string, StepInput, StepMetric> | undefined
  #trained: Record<string, number> = {}
  #validated: Record<string, number> = {}

  /** Touches no file. Throws `sae/options`. */
  constructor(order: MemberOrder) {
    const { config, D, device, moments } = order
    const variant = variants[config.variant]
    const inParts = device.provider === 'cpu'
    this.#order = order
    this.#steps = Math.ceil(config.tokens / config.batch)
    this.#size = { D, F: config.width, options: variantOptions(config, D) }
    this.#step = trainingStep(variant, {
      ...{ ...this.#size, B: config.batch, clip: config.clip, beta1: 0.9, beta2: 0.999 },
      ...{ deadAfter: config.deadAfter, moments },
      block: device.provider === 'webgpu' ? undefined : BLOCK,
      inParts,
    })
    this.#validator = new Validator(trainedDictionary(variant, { ...this.#size, inParts }), device)
  }

  get batches(): TrainingCheckpoint['batches'] {
    return { train: { ...this.#trained }, validation: { ...this.#validated } }
  }

  /** The state before the first step; `sample` (n, D) is of the rows as they are trained on. */
  initial(sample: Float32Array): Record<string, Tensor> {
    const { config } = this.#order
    return initialState(variants[config.variant], this.#step, { ...this.#size, seed: config.seed, sample })
  }

  /** Goes on from `step`; metrics of what came after it are forgotten. Throws `disk/…`. */
  async begin({
    step,
    state,
    batches,
  }: Pick<TrainingCheckpoint, 'step' | 'state' | 'batches'>): Promise<void> {
    const { folder } = this.#order
    mkdirSync(folder, { recursive: true })
    this.#metrics = new TrainingMetrics(join(folder, METRICS))
    this.#metrics.cutAfter(step)
    this.#trained = { ...batches.train }
    this.#validated = { ...batches.validation }
    await this.#open(state)
  }

  /** K steps on rows (K · B, D), which were waited for so many milliseconds, from `step` on. Throws `sae/diverged`. */
  async run(step: number, K: number, x: Float32Array, waited: number): Promise<void> {
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
    const elapsed = performance.now() - began
    const speed = { rowsPerSecond: (K * config.batch * 1000) / elapsed, waiting: waited / (waited + elapsed) }
    const names = Object.keys(variants[config.variant].parameters(this.#size, this.#size.options))
    const { records, problem } = stepRecords(told, { step, config, steps: this.#steps, names, ...speed })
    this.#metrics!.steps(records)
    if (problem) throw this.#named(problem)
    this.#trained[config.batch] = (this.#trained[config.batch] ?? 0) + K
  }

  /** Measures the state after `step` steps. */
  async validate(step: number, { batches, ledger }: ValidationRows): Promise<Validation> {
    const measured = await this.#validator.measure(await this.state(), batches)
    for (const [rows, times] of Object.entries(ledger)) {
      this.#validated[rows] = (this.#validated[rows] ?? 0) + times
    }
    const { fvu, l0, dead, shrinkage, cosine, density } = measured
    this.#metrics!.validation({
      ...{ step, fvu, l0, dead, shrinkage, cosine },
      ...{ densities: densityHistogram(density), marks: measured.marks },
    })
    return measured
  }

  /** What the doctor finds after `step` steps, from what was told so far; kept with it. */
  checkUp(step: number): CheckupNews {
    const course = { config: this.#order.config, width: this.#size.D, steps: this.#steps }
    return checkUp(this.#metrics!, course, step)
  }

  /** Makes dead features anew at those of the rows (B, D) that are explained badly. */
  async resample(step: number, rows: Float32Array): Promise<void> {
    const { config } = this.#order
    const state = await this.state()
    const { errors, reconstruction } = await this.#validator.errors(state, config.batch, rows)
    const next = resampled(state, {
      ...{ ...this.#size, rows, errors, reconstruction },
      ...{ seed: config.seed, step, deadAfter: config.deadAfter },
      parameters: variants[config.variant].parameters(this.#size, this.#size.options),
    })
    if (next) await this.#open(next)
  }

  /** Rows of a batch (B, D) say whether the state is worth keeping. Throws `sae/diverged`. */
  async check(step: number, rows: Float32Array): Promise<void> {
    const state = await this.state()
    const { errors } = await this.#validator.errors(state, this.#order.config.batch, rows)
    try {
      assertSound(step, state, { errors, rows })
    } catch (error) {
      throw this.#named(error)
    }
  }

  /** Throws `disk/…`. */
  async save(facts: Pick<TrainingCheckpoint, 'step' | 'position' | 'scale'>): Promise<void> {
    const state = await this.state()
    await writeCheckpoint(checkpointsOf(this.#order.folder), { ...facts, batches: this.batches, state })
  }

  async state(): Promise<Readonly<Record<string, Tensor>>> {
    return await this.#stepper!.state()
  }

  /** Nothing more is told of it. */
  finish(): void {
    this.#metrics!.finish()
  }

  async close(): Promise<void> {
    this.#metrics?.close()
    await Promise.all([this.#stepper?.close(), this.#validator.close()])
  }

  async #open(state: Readonly<Record<string, Tensor>>): Promise<void> {
    await this.#stepper?.close()
    this.#stepper = await openStepper(this.#step, state, this.#order.device)
  }

  /** Of several in training it must be said which one went wrong. */
  #named(error: unknown): unknown {
    const { name } = this.#order
    if (name === null || !(error instanceof MonoscopeError)) return error
    return expected(
      error.code,
      `With ${name}: ${error.message}`,
      `Leave ${name} out of the sweep. ${error.hint ?? ''}`.trim(),
    )
  }
}
