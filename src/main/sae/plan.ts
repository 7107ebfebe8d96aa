// Plans a training run for the memory there is: rows and steps a run, the precision of Adam's moments, and what it takes.
// Letters: D width of the model, F features, B rows a step, K steps a run.
import { expected } from '../../shared/errors.ts'
import { formatBytes, formatCount } from '../../shared/units.ts'
import type { Provider } from '../../shared/devices.ts'
import { LARGEST_TENSOR } from '../onnx/tensor.ts'

export interface PlanRequest {
  readonly provider: Provider
  /** As people know the device. */
  readonly device: string
  /** Bytes the run may use; null when nothing tells, and then nothing is refused. */
  readonly memory: number | null
  /** Of its matrix products; null when it was never measured. */
  readonly gflops: number | null
  readonly D: number
  readonly F: number
  /** Shapes of what is trained. */
  readonly parameters: readonly (readonly number[])[]
  /** Products of all rows with a whole matrix in a step: one where zeros are not multiplied, five where they are. */
  readonly products: number
  /** Rows a step; null leaves it to the plan. */
  readonly batch: number | null
  readonly moments: 'auto' | 'float32' | 'float16'
}

export interface Plan {
  readonly provider: Provider
  readonly batch: number
  readonly stepsPerRun: number
  readonly moments: 'float32' | 'float16'
  readonly bytes: {
    /** Parameters and moments, once. */
    readonly state: number
    /** The state as often as a run holds it. */
    readonly states: number
    readonly gradients: number
    /** What a step computes from its rows. */
    readonly activations: number
    /** Rows of all steps of a run. */
    readonly rows: number
    readonly total: number
  }
  readonly memory: number | null
  /** Null where the device was not measured. */
  readonly secondsPerStep: number | null
  /** Share of the time that moves the state to the device and back. */
  readonly transferShare: number | null
}

/** A Loop holds the state it got, the next, the last and the caller's (measured on the CPU); buffers are swapped in pairs. */
const STATES: Readonly<Record<Provider, number>> = { cpu: 4, cuda: 4, webgpu: 2 }
/** Of B × F numbers at once: before and after the activation function, and their gradient. */
const WIDE_ACTIVATIONS = 3
/** Of B × D numbers at once: rows, reconstruction, error and its gradient. */
const NARROW_ACTIVATIONS = 4
/** Bytes a second between JavaScript's memory and the device, in and out; for CUDA assumed, not measured. */
const TRANSFER: Readonly<Record<Provider, number>> = { cpu: 4e9, cuda: 3e9, webgpu: Infinity }
/** A run should take about this long: progress and cancel live between runs. */
const RUN_SECONDS: Readonly<Record<Provider, number>> = { cpu: 1.5, cuda: 20, webgpu: 1.5 }
const WANTED_TRANSFER_SHARE = 0.05
const BATCHES = [4096, 2048, 1024, 512, 256]
/** Steps a run where nothing tells how long one takes. */
const USUAL_STEPS = 8
const FLOAT = 4

/** Throws `sae/too-large` with the largest width that fits, and `sae/tensor-too-large` for what no tensor can hold. */
export function planTraining(request: PlanRequest): Plan {
  const batches = request.batch === null ? BATCHES : [request.batch]
  const precisions = request.moments === 'auto' ? (['float32', 'float16'] as const) : [request.moments]
  refuseLargeTensors(request, batches.at(-1)!)
  // the whole batch first, in half the moments: rows are worth more than the last bits of a running mean
  for (const batch of batches) {
    for (const moments of precisions) {
      const plan = planOf(request, batch, moments)
      if (request.memory === null || plan.bytes.total <= request.memory) return plan
    }
  }
  throw tooLarge(request, planOf(request, batches.at(-1)!, precisions.at(-1)!))
}

function planOf(request: PlanRequest, batch: number, moments: 'float32' | 'float16'): Plan {
  const { provider, D, F, memory } = request
  const counts = request.parameters.map((shape) => shape.reduce((a, b) => a * b, 1))
  const parameters = FLOAT * counts.reduce((a, b) => a + b, 0)
  const state = parameters * (moments === 'float32' ? 3 : 2)
  const held = {
    state,
    states: state * STATES[provider],
    gradients: parameters,
    activations: FLOAT * batch * (WIDE_ACTIVATIONS * F + NARROW_ACTIVATIONS * D),
  }
  const rowsOfStep = FLOAT * batch * D
  const room = memory === null ? Infinity : memory - held.states - held.gradients - held.activations
  const secondsPerStep =
    request.gflops === null ? null : (2 * request.products * batch * D * F) / (request.gflops * 1e9)
  const transfer = (2 * state) / TRANSFER[provider]
  const stepsPerRun = Math.max(
    1,
    Math.floor(
      Math.min(
        stepsWanted(provider, secondsPerStep, transfer),
        (LARGEST_TENSOR - 1) / rowsOfStep,
        room / rowsOfStep,
      ),
    ),
  )
  const rows = rowsOfStep * stepsPerRun
  const total = held.states + held.gradients + held.activations + rows
  return {
    provider,
    batch,
    stepsPerRun,
    moments,
    bytes: { ...held, rows, total },
    memory,
    secondsPerStep,
    transferShare: secondsPerStep === null ? null : transfer / (transfer + stepsPerRun * secondsPerStep),
  }
}

/** As many as keep moving the state below its share, in runs of about the wanted length. */
function stepsWanted(provider: Provider, secondsPerStep: number | null, transfer: number): number {
  if (secondsPerStep === null) return USUAL_STEPS
  const forShare = transfer / (WANTED_TRANSFER_SHARE * secondsPerStep)
  return Math.max(forShare, RUN_SECONDS[provider] / secondsPerStep)
}

function refuseLargeTensors({ D, F, parameters }: PlanRequest, batch: number): void {
  const tensors = [...parameters, [batch, F], [batch, D]]
  for (const shape of tensors) {
    const bytes = FLOAT * shape.reduce((a, b) => a * b, 1)
    if (bytes < LARGEST_TENSOR) continue
    const narrower = Math.floor(LARGEST_TENSOR / FLOAT / Math.max(D, batch))
    throw expected(
      'sae/tensor-too-large',
      `An SAE of width ${formatCount(F)} with ${formatCount(batch)} rows a step has a tensor of ` +
        `${formatBytes(bytes)} in one piece, and ${formatBytes(LARGEST_TENSOR)} are possible.`,
      `Choose a width of at most ${narrower}${batch > D ? ', or fewer rows a step' : ''}.`,
    )
  }
}

function tooLarge(request: PlanRequest, { bytes, batch }: Plan) {
  const { device, F, D, memory } = request
  const widest = widestThatFits(request, batch)
  return expected(
    'sae/too-large',
    `An SAE of width ${formatCount(F)} over ${formatCount(D)} directions needs ${formatBytes(bytes.total)}, ` +
      `and ${device} has ${formatBytes(memory ?? 0)}.`,
    widest === 0
      ? 'No width fits beside what is in use: end what else runs there, or choose another device.'
      : `With ${formatCount(batch)} rows a step, a width of ${widest} fits.`,
  )
}

/** The largest width, a multiple of 64, whose parameters (in proportion to this one's) fit; 0 when none does. */
function widestThatFits(request: PlanRequest, batch: number): number {
  const fits = (F: number) => {
    const parameters = request.parameters.map((shape) => shape.map((size) => (size === request.F ? F : size)))
    const { bytes } = planOf({ ...request, F, parameters }, batch, smallestMoments(request))
    return bytes.total <= (request.memory ?? Infinity)
  }
  let [low, high] = [0, Math.floor(request.F / 64)]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(middle * 64)) low = middle
    else high = middle - 1
  }
  return low * 64
}

function smallestMoments({ moments }: PlanRequest): 'float32' | 'float16' {
  return moments === 'float32' ? 'float32' : 'float16'
}
