// Steps run one at a time whose state stays in the device's buffers, for WebGPU.
import type { Device } from '../../shared/devices.ts'
import { encode } from './encode.ts'
import { Graph } from './graph.ts'
import { readBack, Session } from './session.ts'
import { metric, namesOf, next, recordOf, type Step, stepCount, type Stepper, type Tensors } from './steps.ts'
import { DeviceTensor, type Tensor, tensor } from './tensor.ts'

/** One step a `run` of onnxruntime. Where buffers cannot be kept (CPU) the state goes through memory. */
export async function openResident<S extends string, X extends string, M extends string>(
  step: Step<S, X, M>,
  initial: Tensors<S>,
  device: Device,
): Promise<Stepper<S, X, M>> {
  const graph = stepGraph(step)
  const names = namesOf(step.state)
  const outputs = graph.outputs.map(({ name }) => name)
  const keep = device.provider === 'webgpu' ? names.map(next) : []
  const session = await Session.open<string, string>(encode(graph), { device, outputs, keep })
  let state: Readonly<Record<S, Tensor | DeviceTensor>> = initial
  const release = () => {
    for (const name of names) {
      const held = state[name]
      if (held instanceof DeviceTensor) held.dispose()
    }
  }
  return {
    run: async (batches) => {
      const told: Record<M, Tensor>[] = []
      for (const batch of slices(batches, stepCount(step.batch, batches))) {
        const results: Readonly<Record<string, Tensor | DeviceTensor>> = await session.run({
          ...state,
          ...batch,
        })
        release()
        state = recordOf(names, (name) => results[next(name)]!)
        told.push(recordOf(step.metrics, (name) => results[metric(name)] as Tensor))
      }
      return recordOf(step.metrics, (name) => stacked(told.map((metrics) => metrics[name])))
    },
    state: async () => {
      const copies: Tensor[] = []
      for (const name of names) {
        const held = state[name]
        copies.push(held instanceof DeviceTensor ? await readBack(held, device) : held)
      }
      return recordOf(names, (name) => copies[names.indexOf(name)]!)
    },
    close: async () => {
      release()
      await session.close()
    },
  }
}

function stepGraph<S extends string, X extends string, M extends string>(step: Step<S, X, M>): Graph {
  const graph = new Graph('step')
  const { state, metrics } = step.build(
    recordOf(namesOf(step.state), (name) =>
      graph.input(name, step.state[name].dtype, step.state[name].shape),
    ),
    recordOf(namesOf(step.batch), (name) =>
      graph.input(name, step.batch[name].dtype, step.batch[name].shape),
    ),
  )
  for (const name of namesOf(step.state)) graph.output(next(name), state[name])
  for (const name of step.metrics) graph.output(metric(name), metrics[name])
  return graph
}

/** The batches of each step, in turn; views, not copies. */
function* slices<X extends string>(batches: Tensors<X>, count: number): Generator<Tensors<X>> {
  for (let turn = 0; turn < count; turn++) {
    yield recordOf(namesOf(batches), (name) => {
      const { dtype, shape, data } = batches[name]
      const size = data.length / count
      return tensor(dtype, shape.slice(1), data.subarray(turn * size, (turn + 1) * size))
    })
  }
}

/** Tensors of one shape along a new first axis. */
function stacked(parts: readonly Tensor[]): Tensor {
  const { dtype, shape, data } = parts[0]!
  const whole = new (data.constructor as new (length: number) => Float32Array)(data.length * parts.length)
  for (const [index, part] of parts.entries()) whole.set(part.data as Float32Array, index * data.length)
  return tensor(dtype, [parts.length, ...shape], whole)
}
