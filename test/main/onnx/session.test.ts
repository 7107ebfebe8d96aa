// Sessions on real onnxruntime: weights in files, tensors kept on the device, and what they refuse.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Device } from '../../../src/shared/devices.ts'
import { cpu } from '../../../src/main/onnx/device.ts'
import { encode } from '../../../src/main/onnx/encode.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import { add, cast, mul } from '../../../src/main/onnx/ops/elementwise.ts'
import { matmul } from '../../../src/main/onnx/ops/matrix.ts'
import { reduceSum } from '../../../src/main/onnx/ops/reduce.ts'
import { readBack, Session } from '../../../src/main/onnx/session.ts'
import { assertFits, type DeviceTensor, tensor, type Tensor } from '../../../src/main/onnx/tensor.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'
import { noWebgpu, useSoftwareVulkan } from '../../helpers/vulkan.ts'

const webgpu: Device = { id: 'webgpu', provider: 'webgpu', name: 'WebGPU' }
const cuda: Device = { id: 'cuda:0', provider: 'cuda', name: 'CUDA' }

/** state + x, and the sum of it. */
function accumulator(): Uint8Array {
  const graph = new Graph('accumulator')
  const state = graph.input('state', 'float32', [2, 3])
  const next = add(state, graph.input('x', 'float32', [2, 3]))
  graph.output('next', next)
  graph.output('total', reduceSum(next))
  return encode(graph)
}

const floats = (...numbers: number[]) => tensor('float32', [2, 3], Float32Array.from(numbers))

describe('a session', () => {
  it('gives back every output with its type and shape', async () => {
    const session = await Session.open(accumulator(), { device: cpu, outputs: ['next', 'total'] })
    const { next, total } = await session.run({
      state: floats(1, 2, 3, 4, 5, 6),
      x: floats(1, 1, 1, 1, 1, 1),
    })
    expect(next).toEqual({ dtype: 'float32', shape: [2, 3], data: Float32Array.of(2, 3, 4, 5, 6, 7) })
    expect(total).toEqual({ dtype: 'float32', shape: [], data: Float32Array.of(27) })
    await session.close()
  })

  it('takes and gives float16, int64 and bool', async () => {
    const graph = new Graph('types')
    graph.output('half', mul(graph.input('h', 'float16', ['N']), 2))
    graph.output('long', add(graph.input('l', 'int64', ['N']), 1))
    graph.output('flag', cast(graph.input('f', 'bool', ['N']), 'float32'))
    const session = await Session.open(encode(graph), { device: cpu, outputs: ['half', 'long', 'flag'] })
    const { half, long, flag } = await session.run({
      h: tensor('float16', [2], Float16Array.of(1.5, -2)),
      l: tensor('int64', [2], BigInt64Array.of(1n, 2n ** 40n)),
      f: tensor('bool', [2], Uint8Array.of(1, 0)),
    })
    expect(half.dtype).toBe('float16')
    expect([...(half.data as Float16Array)]).toEqual([3, -4])
    expect(long.data).toEqual(BigInt64Array.of(2n, 2n ** 40n + 1n))
    expect(flag.data).toEqual(Float32Array.of(1, 0))
    await session.close()
  })

  it('reads weights from a file below the folder it is told, also where the model has no folder', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'blobs'))
    const weights = Float32Array.of(1, 2, 3, 4, 5, 6)
    // an offset that is no multiple of anything, as in files of weights
    await writeFile(
      join(folder, 'blobs', 'abc'),
      Buffer.concat([Buffer.from('?'), Buffer.from(weights.buffer)]),
    )
    const run = async (file: string) => {
      const graph = new Graph('external')
      const w = graph.constant('w', 'float32', [3, 2], { file, offset: 1, length: 24 })
      graph.output('y', matmul(graph.input('x', 'float32', [2, 3]), w))
      const session = await Session.open(encode(graph), {
        device: cpu,
        outputs: ['y'],
        weightsFolder: folder,
      })
      const { y } = await session.run({ x: floats(1, 0, 0, 0, 0, 1) })
      await session.close()
      return y.data
    }
    expect(await run('blobs/abc')).toEqual(Float32Array.of(1, 2, 5, 6))
    const outside = await temporaryFolder()
    await symlink(join(folder, 'blobs', 'abc'), join(outside, 'link'))
    await expect(run(join(outside, 'link'))).rejects.toThrow()
  })

  it('says which outputs the model has when others were expected', async () => {
    await expect(Session.open(accumulator(), { device: cpu, outputs: ['sum'] })).rejects.toThrow(
      'The model gives next, total, and sum were expected.',
    )
  })

  it('rejects where the device is not there', async () => {
    await expect(Session.open(accumulator(), { device: cuda, outputs: ['next', 'total'] })).rejects.toThrow()
  })

  it('keeps nothing on a device that cannot', async () => {
    const options = { device: cpu, outputs: ['next', 'total'], keep: ['next'] } as const
    await expect(Session.open(accumulator(), options)).rejects.toThrow('Only WebGPU can keep outputs')
  })
})

describe('memory in one piece', () => {
  it('stays below what Electron survives', () => {
    expect(() => assertFits(2 ** 31 - 2 * 2 ** 20 - 1, 'It')).not.toThrow()
    expect(() => assertFits(2 ** 31 - 2 * 2 ** 20, 'It')).toThrow('It takes 2145386496 bytes in one piece')
  })

  it('is refused where a model would give back more', async () => {
    const graph = new Graph('large')
    const x = graph.input('x', 'float32', [24_000, 1])
    graph.output('y', matmul(x, graph.input('z', 'float32', [1, 24_000])))
    await expect(Session.open(encode(graph), { device: cpu, outputs: ['y'] })).rejects.toThrow(
      'The output "y" takes 2304000000 bytes',
    )
  })

  it('has the size its type and shape say', () => {
    expect(() => tensor('float32', [2, 3], new Float32Array(5))).toThrow(
      'float32[2, 3] takes 24 bytes, and 20 were given.',
    )
  })
})

describe.skipIf(noWebgpu)(`tensors kept on the device${noWebgpu ? ` (${noWebgpu})` : ''}`, () => {
  it('go from run to run and are read back as the CPU calculates them', { timeout: 120_000 }, async () => {
    useSoftwareVulkan()
    const kept = await Session.open(accumulator(), {
      device: webgpu,
      outputs: ['next', 'total'],
      keep: ['next'],
    })
    const x = floats(1, 2, 3, 4, 5, 6)
    let state: Tensor | DeviceTensor = floats(0, 0, 0, 0, 0, 0)
    let last: DeviceTensor | undefined
    for (let turn = 1; turn <= 4; turn++) {
      const { next, total } = await kept.run({ state, x })
      expect(total.data).toEqual(Float32Array.of(21 * turn))
      last?.dispose()
      state = last = next
    }
    if (!last) throw new Error('unreachable')
    expect(last.shape).toEqual([2, 3])
    expect((await readBack(last, webgpu)).data).toEqual(Float32Array.of(4, 8, 12, 16, 20, 24))
    last.dispose()
    await kept.close()
  })
})
