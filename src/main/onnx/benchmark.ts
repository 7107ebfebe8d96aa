// How fast a device multiplies matrices, with the matrices already there.
import { performance } from 'node:perf_hooks'
import type { Device } from '../../shared/devices.ts'
import type { CheckDtype } from './check.ts'
import { encode } from './encode.ts'
import { Graph } from './graph.ts'
import { cast, mul } from './ops/elementwise.ts'
import { matmul } from './ops/matrix.ts'
import { reduceMax } from './ops/reduce.ts'
import { Session } from './session.ts'
import { tensor } from './tensor.ts'

/** Products in a row within one run, so that starting a run and moving the result weigh little. */
const CHAIN = 8

export interface Measured {
  /** Of the fastest run, in seconds. */
  readonly seconds: number
  /** Billions of multiplications and additions a second. */
  readonly gflops: number
}

/** Multiplies (size, size) matrices `runs` times after one run that does not count; `onRun` is told of each. */
export async function measureProducts(
  device: Device,
  dtype: CheckDtype,
  size: number,
  runs: number,
  onRun?: () => Promise<void>,
): Promise<Measured> {
  const graph = new Graph('benchmark')
  const side = graph.input('x', 'float32', [size, size])
  const weight = cast(side, dtype)
  let product = weight
  // each product shrinks the numbers again, so that float16 does not overflow
  for (let turn = 0; turn < CHAIN; turn++) product = mul(matmul(product, weight), 1 / size)
  graph.output('largest', cast(reduceMax(product), 'float32'))
  const session = await Session.open(encode(graph), { device, outputs: ['largest'] })
  try {
    const x = tensor('float32', [size, size], new Float32Array(size * size).fill(1))
    let fastest = Number.POSITIVE_INFINITY
    for (let run = -1; run < runs; run++) {
      const begun = performance.now()
      await session.run({ x })
      if (run >= 0) fastest = Math.min(fastest, (performance.now() - begun) / 1000)
      await onRun?.()
    }
    return { seconds: fastest, gflops: (2 * CHAIN * size ** 3) / fastest / 1e9 }
  } finally {
    await session.close()
  }
}
