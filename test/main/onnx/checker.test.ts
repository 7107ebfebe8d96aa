// The bytes we write, read by onnx's own checker where Python has it.
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { attention } from '../../../src/main/onnx/attention.ts'
import { encode } from '../../../src/main/onnx/encode.ts'
import { Graph } from '../../../src/main/onnx/graph.ts'
import * as o from '../../../src/main/onnx/ops/index.ts'
import { lossGraph, operationCases } from '../../helpers/operation-cases.ts'
import { temporaryFolder } from '../../helpers/temporary.ts'

const python = process.env.MONOSCOPE_PYTHON ?? 'python3'
const present = spawnSync(python, ['-c', 'import onnx']).status === 0

const check = `
import glob, sys, onnx
paths = sorted(glob.glob(sys.argv[1] + '/*.onnx'))
for path in paths:
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:
        sys.exit(f'{path}: {error}')
print(len(paths))
`

function loops(): Graph {
  const graph = new Graph('loops')
  const [x, times] = [graph.input('x', 'float32', ['B', 3]), graph.input('times', 'int64', [])]
  const { state, kept } = o.loop({
    times,
    timesDim: 'K',
    state: [x],
    body: (_, [value]) => ({ state: [o.mul(value!, 0.5)], kept: [o.reduceSum(value!)] }),
  })
  const [sums] = o.scan({ over: [x], body: ([row]) => [o.reduceSum(row!)] })
  const chosen = o.branch(
    o.greater(o.reduceSum(sums!), 0),
    () => [o.neg(sums!)],
    () => [o.exp(sums!)],
  )
  for (const [index, value] of [...state, ...kept, ...chosen].entries()) graph.output(`y${index}`, value)
  return graph
}

function spelledOutAttention(): Graph {
  const graph = new Graph('attention')
  const input = (name: string, width: number) => graph.input(name, 'float16', ['B', 'T', width])
  const { output } = attention(
    {
      query: input('query', 64),
      key: input('key', 32),
      value: input('value', 32),
      lengths: graph.input('lengths', 'int32', ['B']),
      cos: graph.input('cos', 'float16', [64, 8]),
      sin: graph.input('sin', 'float16', [64, 8]),
    },
    { heads: 4, keyHeads: 2 },
    'spelled-out',
  )
  graph.output('output', output)
  return graph
}

test.skipIf(!present)(
  'every operation, loops and attention pass onnx’s own checker',
  { timeout: 120_000 },
  async () => {
    const folder = await temporaryFolder()
    // onnxruntime's own operations are unknown to it
    const cases = Object.entries(operationCases).filter(([name]) => name !== 'rmsNorm')
    const graphs = [...cases.map(([, sample]) => lossGraph(sample)), loops(), spelledOutAttention()]
    for (const [index, graph] of graphs.entries()) {
      writeFileSync(join(folder, `${index}.onnx`), encode(graph))
    }
    const printed = execFileSync(python, ['-c', check, folder], { encoding: 'utf8' })
    expect(Number(printed)).toBe(graphs.length)
  },
)
