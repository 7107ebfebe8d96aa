// Steps of the variants whose codes are sparse, as training runs them, against a TopK in PyTorch that multiplies zeros.
import { availableParallelism } from 'node:os'
import { cpu } from '../src/main/onnx/device.ts'
import { openStepper } from '../src/main/onnx/stepper.ts'
import { tensor } from '../src/main/onnx/tensor.ts'
import { initialState } from '../src/main/sae/initial.ts'
import { trainingStep } from '../src/main/sae/step.ts'
import { variants } from '../src/main/sae/variants/index.ts'
import { trainConfigSchema, variantOptions } from '../src/shared/sae.ts'
import { openPython } from './peer.ts'
import { median, spread, takingTurns } from './statistics.ts'

/** Model width and features, as SmolLM2-135M with eight features for each direction; active features of a row. */
const [D, F, k] = [576, 4608, 32]
/** Elements of a parameter updated together, as training has it on the CPU. */
const BLOCK = 147_456
const ROUNDS = 5
const sparse = ['topk', 'batchtopk', 'matryoshka'] as const

const random = (shape: readonly number[]) =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => Math.random() * 2 - 1)

/** B rows a step. */
export async function benchSparseSteps(B: number): Promise<void> {
  const steps = B > 2048 ? 3 : 8
  console.log(
    `\nSAE steps with sparse codes, D ${D}, F ${F}, k ${k}, B ${B}: ${ROUNDS} rounds of ${steps} steps`,
  )
  const x = random([steps, B, D])
  const same = (value: number) => tensor('float32', [steps], new Float32Array(steps).fill(value))
  const batches = { x: tensor('float32', [steps, B, D], x), rate: same(1e-3), warm: same(1) }
  const steppers = await Promise.all(
    sparse.map(async (variant) => {
      const options = variantOptions(trainConfigSchema.parse({ harvest: 'none', variant, width: F, k }), D)
      const step = trainingStep(variants[variant], {
        ...{ D, F, B, options, clip: 1, beta1: 0.9, beta2: 0.999, deadAfter: 1e9 },
        ...{ moments: 'float32', block: BLOCK, inParts: true },
      })
      const sample = x.subarray(0, 256 * D)
      return await openStepper(
        step,
        initialState(variants[variant], step, { D, F, options, seed: 1, sample }),
        cpu,
      )
    }),
  )
  const peer = await openPython('sae_topk.py', ['torch'], [D, F, B, k, availableParallelism(), steps])
  const ours = steppers.map((stepper) => async () => {
    const start = performance.now()
    await stepper.run(batches)
    return (performance.now() - start) / 1000 / steps
  })
  const measured = await takingTurns(ROUNDS, [...ours, ...(peer ? [() => peer.measure()] : [])])
  for (const stepper of steppers) await stepper.close()
  peer?.close()
  const theirs = peer && measured.at(-1)
  const about = (values: readonly number[]) =>
    `${(median(values) * 1000).toFixed(0)} ms a step (${spread(values.map((seconds) => seconds * 1000))} ms)`
  if (theirs) console.log(`  PyTorch ${String(peer.about.torch).padEnd(8)} ${about(theirs)}`)
  for (const [index, variant] of sparse.entries()) {
    const seconds = measured[index]!
    const ratio = theirs ? `, ${(median(theirs) / median(seconds)).toFixed(2)} x PyTorch's speed` : ''
    console.log(`  ${variant.padEnd(16)} ${about(seconds)}${ratio}`)
  }
}
