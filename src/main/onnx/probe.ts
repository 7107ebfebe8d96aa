// The probe of one device: that work really runs there, and that its numbers are right. A process of its own runs it.
import type { Device, Numerics } from '../../shared/devices.ts'
import { measureProducts } from './benchmark.ts'
import { Numbers } from './check.ts'
import { encode } from './encode.ts'
import { Graph } from './graph.ts'
import { checkNumerics } from './numerics.ts'
import { relu } from './ops/elementwise.ts'
import { matmul } from './ops/matrix.ts'
import { softmax } from './ops/reduce.ts'
import { elsewhere, profiled } from './profile.ts'
import { Session } from './session.ts'

const SPEED_SIZE = 512

/** Compares its numbers with the CPU's and measures it; `onCheck` is told what is done next. */
export async function examine(device: Device, onCheck: (title: string) => void): Promise<Numerics> {
  const numerics = await checkNumerics(device, onCheck)
  onCheck('Measuring its speed')
  const { gflops } = await measureProducts(device, 'float32', SPEED_SIZE, 2)
  return { ...numerics, gflops }
}

/**
 * Runs what every device must run by itself. onnxruntime leaves a provider it was not built with away after a warning,
 * and single operations without one: it is forbidden to, and its profile is read to see that it did not.
 * Rejects with onnxruntime's words where the device cannot be used.
 */
export async function provePlacement(device: Device): Promise<void> {
  const [size, numbers] = [16, new Numbers(0)]
  const graph = new Graph('placement')
  const a = graph.input('a', 'float32', [size, size])
  const b = graph.input('b', 'float32', [size, size])
  graph.output('y', softmax(relu(matmul(a, b)), -1))
  const placed = await profiled(async (profile) => {
    const session = await Session.open(encode(graph), {
      device,
      outputs: ['y'],
      // where the CPU itself is meant, there is nothing to fall back from
      strict: device.provider !== 'cpu',
      profile,
    })
    await session.run({ a: numbers.floats([size, size]), b: numbers.floats([size, size]) })
    await session.close()
  })
  const strayed = elsewhere(placed, device)
  if (placed.length === 0 || strayed.length > 0) {
    throw new Error(`Left to another device: ${strayed.join(', ') || 'everything'}.`)
  }
}
