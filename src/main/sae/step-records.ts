// What a run of steps told, as records to keep, and whether training has gone wrong in one of them.
// Letters: F features, K steps of the run, P parameters.
import { expected, type MonoscopeError } from '../../shared/errors.ts'
import type { TrainConfig } from '../../shared/sae.ts'
import type { Tensor } from '../onnx/tensor.ts'
import type { StepRecord } from '../store/training-metrics.ts'
import { rateAt, warmAt } from './schedule.ts'
import type { StepMetric } from './step.ts'

interface Told {
  /** Steps before the run, and of the whole training. */
  readonly step: number
  readonly steps: number
  readonly config: TrainConfig
  /** Of the parameters, in the order of their gradients' norms. */
  readonly names: readonly string[]
  readonly rowsPerSecond: number
  /** Share of the time. */
  readonly waiting: number
}

/** The error may be this many times the variance of the rows, once the first steps are done. */
const EXPLODED = 100
const FIRST_STEPS = 20

/** Records up to the first step that went wrong, and what went wrong there. */
export function stepRecords(
  told: Readonly<Record<StepMetric, Tensor>>,
  { step: before, steps, config, names, rowsPerSecond, waiting }: Told,
): { records: StepRecord[]; problem: MonoscopeError | null } {
  const data = (name: StepMetric) => told[name].data as Float32Array
  const K = data('loss').length
  const F = data('fired').length / K
  const records: StepRecord[] = []
  for (let turn = 0; turn < K; turn++) {
    const at = (name: StepMetric) => data(name)[turn]!
    const norms = data('norms').subarray(turn * names.length, (turn + 1) * names.length)
    const step = before + turn + 1
    const problem = problemOf(step, at, norms, names)
    if (problem) return { records, problem }
    let fired = 0
    for (let feature = 0; feature < F; feature++) fired += data('fired')[turn * F + feature]!
    records.push({
      ...{ step, loss: at('loss'), recon: at('recon'), penalty: at('penalty'), dead: at('dead') },
      fvu: at('error') / at('variance'),
      l0: fired / config.batch,
      shrinkage: at('outputNorm') / at('inputNorm'),
      gradient: Math.hypot(...norms),
      rate: rateAt(step - 1, steps, config),
      warm: warmAt(step - 1, config),
      rowsPerSecond,
      waiting,
    })
  }
  return { records, problem: null }
}

function problemOf(
  step: number,
  at: (name: StepMetric) => number,
  norms: Float32Array,
  names: readonly string[],
): MonoscopeError | null {
  const named = (['inputNorm', 'outputNorm', 'recon', 'penalty'] as const).find(
    (name) => !Number.isFinite(at(name)),
  )
  const tensors = {
    inputNorm: 'the rows of the harvest',
    outputNorm: 'the reconstruction',
    recon: 'the reconstruction error',
    penalty: 'the sparsity term',
  }
  const gradient = names.find((_, index) => !Number.isFinite(norms[index]!))
  const where = named ? tensors[named] : gradient && `the gradient of ${gradient}`
  if (where) return notFinite(step, where, named === 'inputNorm' ? 'Verify the harvest.' : undefined)
  return exploded(step, at('error') / at('variance'))
}

const LOWER = 'Lower the learning rate or lengthen its warm-up; the last checkpoint is from before.'

function notFinite(step: number, where: string, hint = LOWER): MonoscopeError {
  return expected('sae/diverged', `Training stopped at step ${step}: ${where} is no finite number.`, hint)
}

function exploded(step: number, fvu: number): MonoscopeError | null {
  if (step <= FIRST_STEPS || fvu <= EXPLODED) return null
  return expected(
    'sae/diverged',
    `Training stopped at step ${step}: the reconstruction error is ${Math.round(fvu)} times the variance of the rows.`,
    LOWER,
  )
}

/**
 * Whether what the last step left may be kept, which its own metrics cannot tell: they are from before its update.
 * `errors` (B) are the squared errors of rows (B, D) with the new parameters. Throws `sae/diverged`.
 */
export function assertSound(
  step: number,
  state: Readonly<Record<string, Tensor>>,
  { errors, rows }: { readonly errors: Float32Array; readonly rows: Float32Array },
): void {
  for (const [name, { data }] of Object.entries(state)) {
    for (const value of data) if (!Number.isFinite(Number(value))) throw notFinite(step, name)
  }
  const fvu = errors.reduce((a, b) => a + b, 0) / squaredDeviation(rows, rows.length / errors.length)
  if (!Number.isFinite(fvu)) throw notFinite(step, 'the reconstruction error')
  const problem = exploded(step, fvu)
  if (problem) throw problem
}

/** Σ‖x − x̄‖² of rows (B, D). */
function squaredDeviation(rows: Float32Array, D: number): number {
  const sums = new Float64Array(D)
  let squares = 0
  for (const [at, value] of rows.entries()) {
    sums[at % D]! += value
    squares += value ** 2
  }
  return squares - sums.reduce((total, sum) => total + sum ** 2, 0) / (rows.length / D)
}
