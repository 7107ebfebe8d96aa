// Plans a training run for the memory there is: rows and steps a run, the precision of Adam's moments, and what it takes.
// Letters: D width of the model, F features, B rows a step, K steps a run.
import { expected, type MonoscopeError } from '../../shared/errors.ts'
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
  /** Tensors of B × F numbers that are held at once. */
  readonly wide: number
  /** Rows a step; null leaves it to the plan. */
  readonly batch: number | null
  readonly moments: 'auto' | 'float32' | 'float16'
  /** SAEs of this size that are trained side by side on the same rows. */
  readonly members: number
  /** Bytes of that memory which are held beside the SAEs: a model that makes the rows. */
  readonly beside: number
}

export interface Plan {
  readonly provider: Provider
  readonly batch: number
  readonly stepsPerRun: number
  /** Of a run, by the room there is. */
  readonly mostSteps: number
  readonly moments: 'float32' | 'float16'
  readonly members: number
  readonly bytes: {
    /** Parameters and moments of one SAE, once. */
    readonly state: number
    /** The state as often as a run holds it; this and what follows of all members. */
    readonly states: number
    readonly gradients: number
    /** What a step computes from its rows. */
    readonly activations: number
    /** Rows of all steps of a run, as often as they are held. */
    readonly rows: number
    /** The model that makes the rows, and its pool; 0 for those of a harvest. */
    readonly beside: number
    readonly total: number
  }
  readonly memory: number | null
  /** Of all members, by the device's speed in matrix products alone; null where it was not measured. */
  readonly secondsPerStep: number | null
  /** Share of the time that moves the state to the device and back. */
  readonly transferShare: number | null
}

/**
 * A Loop holds the state it got, the next, the last and the caller's, and on the CPU the parameters are held once more to
 * validate with; buffers are swapped in pairs. On the CPU estimates were from 15 % below to 10 % above the peaks that were
 * measured of single SAEs, and from 12 % below to 20 % above those of sweeps (F 4096 to 16,384, B 512 and 2048).
 */
const STATES: Readonly<Record<Provider, number>> = { cpu: 5, cuda: 4, webgpu: 2 }
/** What onnxruntime's sessions and the process take beside, where all is in one memory. */
const BASE: Readonly<Record<Provider, number>> = { cpu: 100e6, cuda: 0, webgpu: 0 }
/** Rows of a run and, on the CPU in the same memory, those that are read meanwhile. */
const ROWS: Readonly<Record<Provider, number>> = { cpu: 2, cuda: 1, webgpu: 1 }
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

/** A plan, and why it cannot be done; null when it can. */
export interface Judged {
  readonly plan: Plan
  readonly refusal: { readonly error: MonoscopeError; readonly widest: number } | null
}

/** Throws `sae/too-large` with the largest width that fits, and `sae/tensor-too-large` for what no tensor can hold. */
export function planTraining(request: PlanRequest): Plan {
  const { plan, refusal } = judgeTraining(request)
  if (refusal) throw refusal.error
  return plan
}

/** The plan that fits, else the smallest one with what `planTraining` throws and the widest SAE (0: none) that fits. */
export function judgeTraining(request: PlanRequest): Judged {
  const batches = request.batch === null ? BATCHES : [request.batch]
  const precisions = request.moments === 'auto' ? (['float32', 'float16'] as const) : [request.moments]
  const smallest = batches.at(-1)!
  const refusal = largeTensor(request, smallest)
  if (refusal) return { plan: planOf(request, smallest, precisions.at(-1)!), refusal }
  // the whole batch first, in half the moments: rows are worth more than the last bits of a running mean
  for (const batch of batches) {
    for (const moments of precisions) {
      const plan = planOf(request, batch, moments)
      if (request.memory === null || plan.bytes.total <= request.memory) return { plan, refusal: null }
    }
  }
  const plan = planOf(request, smallest, precisions.at(-1)!)
  return { plan, refusal: tooLarge(request, plan) }
}

/** Steps of a run when one takes so many seconds: as many as keep moving the state below its share, and fit. */
export function stepsOfRun({ provider, mostSteps, members, bytes }: Plan, secondsPerStep: number): number {
  const wanted = stepsWanted(provider, secondsPerStep, transferSeconds(provider, bytes.state * members))
  return Math.max(1, Math.floor(Math.min(wanted, mostSteps)))
}

function planOf(request: PlanRequest, batch: number, moments: 'float32' | 'float16'): Plan {
  const { provider, D, F, memory, members, beside } = request
  const counts = request.parameters.map((shape) => shape.reduce((a, b) => a * b, 1))
  const parameters = FLOAT * counts.reduce((a, b) => a + b, 0)
  const state = parameters * (moments === 'float32' ? 3 : 2)
  const held = {
    state,
    states: members * state * STATES[provider],
    gradients: members * parameters,
    activations: members * FLOAT * batch * (request.wide * F + NARROW_ACTIVATIONS * D),
  }
  const rowsOfStep = FLOAT * batch * D
  const heldOfStep = ROWS[provider] * rowsOfStep
  const fixed = held.states + held.gradients + held.activations + beside + BASE[provider]
  const room = memory === null ? Infinity : memory - fixed
  const mostSteps = Math.max(1, Math.floor(Math.min((LARGEST_TENSOR - 1) / rowsOfStep, room / heldOfStep)))
  const secondsPerStep =
    request.gflops === null ? null : (2 * members * request.products * batch * D * F) / (request.gflops * 1e9)
  const transfer = transferSeconds(provider, state * members)
  const wanted = secondsPerStep === null ? USUAL_STEPS : stepsWanted(provider, secondsPerStep, transfer)
  const stepsPerRun = Math.max(1, Math.floor(Math.min(wanted, mostSteps)))
  const rows = heldOfStep * stepsPerRun
  return {
    ...{ provider, batch, stepsPerRun, mostSteps, moments, members },
    bytes: { ...held, rows, beside, total: fixed + rows },
    ...{ memory, secondsPerStep },
    transferShare: secondsPerStep === null ? null : transfer / (transfer + stepsPerRun * secondsPerStep),
  }
}

/** In and out. */
function transferSeconds(provider: Provider, bytes: number): number {
  return (2 * bytes) / TRANSFER[provider]
}

/** As many as keep moving the state below its share, in runs of about the wanted length. */
function stepsWanted(provider: Provider, secondsPerStep: number, transfer: number): number {
  const forShare = transfer / (WANTED_TRANSFER_SHARE * secondsPerStep)
  return Math.max(forShare, RUN_SECONDS[provider] / secondsPerStep)
}

function largeTensor({ D, F, parameters }: PlanRequest, batch: number): Judged['refusal'] {
  const tensors = [...parameters, [batch, F], [batch, D]]
  for (const shape of tensors) {
    const bytes = FLOAT * shape.reduce((a, b) => a * b, 1)
    if (bytes < LARGEST_TENSOR) continue
    const widest = Math.floor((LARGEST_TENSOR - 1) / FLOAT / Math.max(D, batch))
    const error = expected(
      'sae/tensor-too-large',
      `An SAE of width ${formatCount(F)} with ${formatCount(batch)} rows a step has a tensor of ` +
        `${formatBytes(bytes)} in one piece, and ${formatBytes(LARGEST_TENSOR)} are possible.`,
      `Choose a width of at most ${widest}${batch > D ? ', or fewer rows a step' : ''}.`,
    )
    return { error, widest }
  }
  return null
}

function tooLarge(request: PlanRequest, { bytes, batch }: Plan): NonNullable<Judged['refusal']> {
  const { device, F, D, memory, members } = request
  const widest = widestThatFits(request, batch)
  const fewer = members === 1 ? '' : ', or fewer in the sweep'
  const error = expected(
    'sae/too-large',
    `${members === 1 ? 'An SAE' : `${members} SAEs`} of width ${formatCount(F)} over ${formatCount(D)} directions ` +
      `need${members === 1 ? 's' : ''} ${formatBytes(bytes.total)}, and ${device} has ${formatBytes(memory ?? 0)}.`,
    widest === 0
      ? `No width fits beside what is in use: end what else runs there, or choose another device${fewer}.`
      : `With ${formatCount(batch)} rows a step, a width of ${widest} fits${fewer}.`,
  )
  return { error, widest }
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
