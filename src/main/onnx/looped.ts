// Steps that all run inside one Loop, for devices that have its kernel.
import type { Device } from '../../shared/devices.ts'
import { encode } from './encode.ts'
import { Graph } from './graph.ts'
import { loop } from './ops/control.ts'
import { gather } from './ops/select.ts'
import { Session } from './session.ts'
import { metric, namesOf, next, recordOf, type Step, stepCount, type Stepper, type Tensors } from './steps.ts'
import { tensor } from './tensor.ts'

/** K steps a run; at its peak a run holds the state about four times over. */
export async function openLooped<S extends string, X extends string, M extends string>(
  step: Step<S, X, M>,
  initial: Tensors<S>,
  device: Device,
  /** As sessions take it. */
  profile?: string,
): Promise<Stepper<S, X, M>> {
  const graph = loopGraph(step)
  const outputs = graph.outputs.map(({ name }) => name)
  const session = await Session.open(encode(graph), { device, outputs, ...(profile && { profile }) })
  let state = initial
  return {
    run: async (batches) => {
      const steps = tensor('int64', [], BigInt64Array.of(BigInt(stepCount(step.batch, batches))))
      const results = await session.run({ ...state, ...batches, steps })
      state = recordOf(namesOf(step.state), (name) => results[next(name)]!)
      return recordOf(step.metrics, (name) => results[metric(name)]!)
    },
    state: () => Promise.resolve(state),
    close: () => session.close(),
  }
}

function loopGraph<S extends string, X extends string, M extends string>(step: Step<S, X, M>): Graph {
  const graph = new Graph('steps')
  const names = namesOf(step.state)
  const times = graph.input('steps', 'int64', [])
  const before = names.map((name) => graph.input(name, step.state[name].dtype, step.state[name].shape))
  const batches = recordOf(namesOf(step.batch), (name) =>
    graph.input(name, step.batch[name].dtype, ['K', ...step.batch[name].shape]),
  )
  const { state, kept } = loop({
    times,
    timesDim: 'K',
    state: before,
    body: (turn, carried) => {
      const result = step.build(
        recordOf(names, (name) => carried[names.indexOf(name)]!),
        recordOf(namesOf(batches), (name) => gather(batches[name], turn)),
      )
      return {
        state: names.map((name) => result.state[name]),
        kept: step.metrics.map((name) => result.metrics[name]),
      }
    },
  })
  for (const [index, name] of names.entries()) graph.output(next(name), state[index]!)
  for (const [index, name] of step.metrics.entries()) graph.output(metric(name), kept[index]!)
  return graph
}
