// One training step of a sparse autoencoder (ReLU+L1), in a Loop, against PyTorch eager with fused Adam.
import { availableParallelism } from 'node:os'
import { adam, momentShape } from '../src/main/onnx/adam.ts'
import { cpu } from '../src/main/onnx/device.ts'
import { gradient } from '../src/main/onnx/gradient.ts'
import { openLooped } from '../src/main/onnx/looped.ts'
import * as o from '../src/main/onnx/ops/index.ts'
import { profiled } from '../src/main/onnx/profile.ts'
import type { Step, Stepper } from '../src/main/onnx/steps.ts'
import { type Tensor, tensor } from '../src/main/onnx/tensor.ts'
import { openPython } from './peer.ts'
import { median, spread, takingTurns } from './statistics.ts'

/** Model width and features, as SmolLM2-135M with eight features for each direction. */
const [D, F] = [576, 4608]
/** Elements of a parameter updated together, so that they stay in the cores' caches. */
const BLOCK = 147_456
/** The decoder lies as a linear layer's weights do, (out, in): its gradient then reads the small operand transposed. */
const shapes = { W_enc: [D, F], b_enc: [F], W_dec: [D, F], b_dec: [D] }
const names = Object.keys(shapes) as (keyof typeof shapes)[]
const ROUNDS = 5

/** B rows a step. */
function saeStep(B: number): Step<string, 'x', 'loss'> {
  const kept = (suffix: string, shapeOf = (name: keyof typeof shapes): readonly number[] => shapes[name]) =>
    names.map((name) => [`${name}${suffix}`, { dtype: 'float32' as const, shape: shapeOf(name) }])
  const blocked = (name: keyof typeof shapes) => momentShape({ shape: shapes[name] }, BLOCK)
  return {
    state: Object.fromEntries([
      ...kept(''),
      ...kept('_first', blocked),
      ...kept('_second', blocked),
      ['count', { dtype: 'float32' as const, shape: [] }],
    ]) as Step<string, 'x', 'loss'>['state'],
    batch: { x: { dtype: 'float32', shape: [B, D] } },
    metrics: ['loss'],
    build: (state, { x }) => {
      const parameters = names.map((name) => state[name]!)
      const [encoder, encoderBias, decoder, decoderBias] = parameters
      const features = o.relu(o.gemm(x, encoder!, { plus: encoderBias! }))
      const error = o.sub(o.gemm(features, decoder!, { transposeB: true, plus: decoderBias! }), x)
      const loss = o.div(o.add(o.reduceSum(o.square(error)), o.mul(o.reduceSum(features), 1e-3)), B)
      const count = o.add(state.count!, 1)
      const before = names.map((name) => ({
        first: state[`${name}_first`]!,
        second: state[`${name}_second`]!,
      }))
      const { parameters: next, moments } = adam(parameters, gradient(loss, parameters), before, {
        rate: 1e-3,
        step: count,
        block: BLOCK,
      })
      const entries = names.flatMap((name, index) => [
        [name, next[index]!] as const,
        [`${name}_first`, moments[index]!.first] as const,
        [`${name}_second`, moments[index]!.second] as const,
      ])
      return { state: { ...Object.fromEntries(entries), count }, metrics: { loss } }
    },
  }
}

function random(shape: readonly number[], scale: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1)
  return tensor(
    'float32',
    shape,
    Float32Array.from({ length: count }, () => (Math.random() * 2 - 1) * scale),
  )
}

function initialState({ state }: Step<string, 'x', 'loss'>): Record<string, Tensor> {
  const entries = Object.entries(state).map(
    ([name, { shape }]) => [name, random(shape, name in shapes ? 0.05 : 0)] as const,
  )
  return Object.fromEntries(entries)
}

async function measure(stepper: Stepper<string, 'x', 'loss'>, x: Tensor): Promise<number> {
  const start = performance.now()
  await stepper.run({ x })
  return (performance.now() - start) / 1000 / x.shape[0]!
}

const milliseconds = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms`

export async function benchSaeStep(B: number): Promise<void> {
  const steps = B > 2048 ? 4 : 12
  console.log(`\nSAE step, ReLU+L1, D ${D}, F ${F}, B ${B}: ${ROUNDS} rounds of ${steps} steps, taking turns`)
  const step = saeStep(B)
  const x = random([steps, B, D], 1)
  const stepper = await openLooped(step, initialState(step), cpu)
  const peer = await openPython('sae_step.py', ['torch'], [D, F, B, availableParallelism(), steps])
  const sides = [() => measure(stepper, x), ...(peer ? [() => peer.measure()] : [])]
  const [ours = [], theirs] = await takingTurns(ROUNDS, sides)
  await stepper.close()
  const about = (values: readonly number[]) =>
    `${milliseconds(median(values))} a step (${spread(values.map((seconds) => seconds * 1000))} ms)`
  console.log(`  Monoscope        ${about(ours)}`)
  if (peer && theirs) {
    console.log(`  PyTorch ${String(peer.about.torch).padEnd(8)} ${about(theirs)}`)
    console.log(`  ratio            ${(median(theirs) / median(ours)).toFixed(2)} x PyTorch's speed`)
  }
  const products = await whereTheTimeGoes(step, x)
  if (peer) {
    const { products: theirs } = await peer.ask('go')
    console.log(
      `  five products    ${milliseconds(products)}, and ${milliseconds(Number(theirs))} in PyTorch`,
    )
  }
  peer?.close()
}

/** Prints it, and resolves to the seconds of a step that are matrix products. */
async function whereTheTimeGoes(step: Step<string, 'x', 'loss'>, x: Tensor): Promise<number> {
  const steps = x.shape[0]!
  const placed = await profiled(async (prefix) => {
    const stepper = await openLooped(step, initialState(step), cpu, prefix)
    await stepper.run({ x })
    await stepper.close()
  })
  // a Loop's and a Scan's own time is that of what runs inside them
  const inside = placed
    .filter(({ op }) => op !== 'Loop' && op !== 'Scan')
    .map(({ op, seconds }) => ({ op, seconds: seconds / steps }))
    .sort((a, b) => b.seconds - a.seconds)
  const cells = inside.slice(0, 8).map(({ op, seconds }) => `${op} ${milliseconds(seconds)}`)
  console.log(`  where it goes    ${cells.join(', ')}`)
  // a FusedGemm adds the bias and bends the sum besides
  return inside
    .filter(({ op }) => op.endsWith('Gemm') || op === 'MatMul')
    .reduce((total, { seconds }) => total + seconds, 0)
}
