// The calculations SAE training and LLaMA are made of, small, for comparing a device with the CPU.
import { type Check, Numbers } from './check.ts'
import { gradient } from './gradient.ts'
import type { Value } from './graph.ts'
import { abs, add, mul, relu, square, sub } from './ops/elementwise.ts'
import { gemm, matmul } from './ops/matrix.ts'
import { rmsNorm } from './ops/normalise.ts'
import { reduceMean, reduceSum, softmax } from './ops/reduce.ts'
import { scatterRows, topK } from './ops/select.ts'
import { tensor } from './tensor.ts'

// odd sizes on purpose: kernels go wrong at the edges of their tiles
const [rows, inner, columns] = [67, 130, 45]

export const basicChecks: readonly Check[] = [
  {
    id: 'matmul',
    title: 'Matrix products of a batch',
    float16: true,
    build: (graph, narrow) => ({
      y: matmul(
        narrow(graph.input('a', 'float32', [2, rows, inner])),
        narrow(graph.input('b', 'float32', [2, inner, columns])),
      ),
    }),
    cases: () => {
      const numbers = new Numbers(1)
      return [
        {
          label: `${rows} × ${inner} × ${columns}`,
          feeds: { a: numbers.floats([2, rows, inner]), b: numbers.floats([2, inner, columns]) },
        },
      ]
    },
  },
  {
    id: 'gemm',
    title: 'Product with transposed weights and a bias',
    float16: true,
    build: (graph, narrow) => ({
      y: gemm(
        narrow(graph.input('x', 'float32', [rows, inner])),
        narrow(graph.input('weight', 'float32', [columns, inner])),
        { transposeB: true, plus: narrow(graph.input('bias', 'float32', [columns])) },
      ),
    }),
    cases: () => {
      const numbers = new Numbers(2)
      return [
        {
          label: `${rows} × ${inner} × ${columns}`,
          feeds: {
            x: numbers.floats([rows, inner]),
            weight: numbers.floats([columns, inner]),
            bias: numbers.floats([columns]),
          },
        },
      ]
    },
  },
  {
    id: 'softmax',
    title: 'Softmax',
    float16: true,
    build: (graph, narrow) => ({ y: softmax(narrow(graph.input('x', 'float32', [rows, 1000])), -1) }),
    cases: () => [{ label: '1000 wide', feeds: { x: new Numbers(3).floats([rows, 1000], 8) } }],
  },
  {
    id: 'rms-norm',
    title: 'RMS norm',
    float16: true,
    build: (graph, narrow) => ({
      y: rmsNorm(
        narrow(graph.input('x', 'float32', [rows, 576])),
        narrow(graph.input('weight', 'float32', [576])),
        1e-5,
      ),
    }),
    cases: () => {
      const numbers = new Numbers(4)
      return [
        { label: '576 wide', feeds: { x: numbers.floats([rows, 576], 4), weight: numbers.floats([576]) } },
      ]
    },
  },
  {
    id: 'top-k',
    title: 'TopK',
    float16: false,
    build: (graph) => topK(graph.input('x', 'float32', [rows, 1536]), 24),
    cases: () => [{ label: '24 of 1536', feeds: { x: new Numbers(5).floats([rows, 1536]) } }],
  },
  {
    id: 'scatter',
    title: 'Adding scattered rows',
    float16: false,
    build: (graph) => ({
      y: scatterRows(
        graph.input('x', 'float32', [96, columns]),
        graph.input('at', 'int64', [64, 1]),
        graph.input('updates', 'float32', [64, columns]),
        { add: true },
      ),
    }),
    cases: () => {
      const numbers = new Numbers(6)
      // every index twice, so that additions meet
      const at = numbers.order(96).slice(0, 32)
      return [
        {
          label: '64 rows',
          feeds: {
            x: numbers.floats([96, columns]),
            at: tensor('int64', [64, 1], BigInt64Array.from([...at, ...at], BigInt)),
            updates: numbers.floats([64, columns]),
          },
        },
      ]
    },
  },
  {
    id: 'sae-step',
    title: 'Loss and gradients of an SAE',
    float16: false,
    build: (graph) => {
      const x = graph.input('x', 'float32', [rows, 40])
      const encoder = graph.input('encoder', 'float32', [40, 160])
      const bias = graph.input('bias', 'float32', [160])
      const decoder = graph.input('decoder', 'float32', [160, 40])
      const code = relu(add(matmul(x, encoder), bias))
      const error = reduceSum(square(sub(matmul(code, decoder), x)), [-1])
      const sparsity = reduceSum(abs(code), [-1])
      const loss = reduceMean(add(error, mul(sparsity, 0.1)))
      const [dEncoder, dBias, dDecoder] = gradient(loss, [encoder, bias, decoder]) as [Value, Value, Value]
      return { loss, dEncoder, dBias, dDecoder }
    },
    cases: () => {
      const numbers = new Numbers(7)
      return [
        {
          label: '40 → 160',
          feeds: {
            x: numbers.floats([rows, 40]),
            encoder: numbers.floats([40, 160], 0.3),
            bias: numbers.floats([160], 0.1),
            decoder: numbers.floats([160, 40], 0.3),
          },
        },
      ]
    },
  },
]
