// What a batch's logits say of its next tokens: their odds, and how far each row's distribution is from another's.
// Letters: N rows of logits, V vocabulary.
import { cpu } from '../onnx/device.ts'
import { encode } from '../onnx/encode.ts'
import { Graph, type Value } from '../onnx/graph.ts'
import { exp, max, mul, sub } from '../onnx/ops/elementwise.ts'
import { reduceMax, reduceSum } from '../onnx/ops/reduce.ts'
import { gather } from '../onnx/ops/select.ts'
import { Session } from '../onnx/session.ts'
import { tensor } from '../onnx/tensor.ts'

interface Scores {
  /** (N, V), finite. */
  readonly logits: Float32Array
  /** (N): the logarithm of the sum of their exponentials. */
  readonly logSums: Float32Array
}

/** What changes the odds of a row. */
interface OddsRow {
  /** 0 leaves the most probable token alone, with those that equal it. */
  readonly temperature: number
  readonly repetitionPenalty: number
  /** The tokens that the penalty is for, each once. */
  readonly seen: Iterable<number>
}

export interface Readout {
  /** (N, V): e^((logit − the greatest) / temperature) after the penalties; 1 for each row's most probable token. */
  readonly odds: Float32Array
  /** (N): KL(row ‖ first row) in nats, not negative, of the model's own distributions. */
  readonly kls: Float32Array
}

/** What a temperature of 0 divides by: no two logits are so near each other that it leaves both. */
const COLDEST = 1e-30

/** `rows` (N) of one run. */
export async function readOut(scores: Scores, rows: readonly OddsRow[]): Promise<Readout> {
  const N = rows.length
  const V = scores.logits.length / N
  const penalised = rows.some(({ repetitionPenalty }) => repetitionPenalty !== 1)
    ? penalise(scores.logits, rows)
    : scores.logits
  const { odds, kls } = await (
    await drawing()
  ).run({
    ...feedsOf(
      scores,
      rows.map(() => 0),
    ),
    penalised: tensor('float32', [N, V], penalised),
    coldness: tensor(
      'float32',
      [N, 1],
      Float32Array.from(rows, ({ temperature }) => 1 / Math.max(temperature, COLDEST)),
    ),
  })
  return { odds: odds.data as Float32Array, kls: kls.data as Float32Array }
}

/** KL (N) in nats, not negative, of each row to the one that `to` (N) names for it. */
export async function divergences(scores: Scores, to: readonly number[]): Promise<Float32Array> {
  const { kls } = await (await comparing()).run(feedsOf(scores, to))
  return kls.data as Float32Array
}

/**
 * Divides what speaks for a token that was there already, and multiplies what speaks against it (Keskar and others,
 * CTRL, 2019).
 */
function penalise(logits: Float32Array, rows: readonly OddsRow[]): Float32Array {
  const penalised = logits.slice()
  const V = logits.length / rows.length
  for (const [row, { repetitionPenalty, seen }] of rows.entries()) {
    if (repetitionPenalty === 1) continue
    for (const id of seen) {
      const logit = logits[row * V + id]!
      penalised[row * V + id] = logit > 0 ? logit / repetitionPenalty : logit * repetitionPenalty
    }
  }
  return penalised
}

function feedsOf({ logits, logSums }: Scores, to: readonly number[]) {
  const N = logSums.length
  return {
    logits: tensor('float32', [N, logits.length / N], logits),
    log_sums: tensor('float32', [N, 1], logSums),
    to: tensor('int64', [N], BigInt64Array.from(to, BigInt)),
  }
}

/** Both serve every vocabulary, and are kept for the life of the process. */
const drawing = once(() => {
  const graph = new Graph('readout')
  graph.output('kls', divergencesIn(graph))
  const penalised = graph.input('penalised', 'float32', ['N', 'V'])
  const behind = sub(penalised, reduceMax(penalised, [1], { keep: true }))
  graph.output('odds', exp(mul(behind, graph.input('coldness', 'float32', ['N', 1]))))
  return Session.open(encode(graph), { device: cpu, outputs: ['kls', 'odds'], threads: 1 })
})

const comparing = once(() => {
  const graph = new Graph('divergences')
  graph.output('kls', divergencesIn(graph))
  return Session.open(encode(graph), { device: cpu, outputs: ['kls'], threads: 1 })
})

function divergencesIn(graph: Graph): Value {
  const logits = graph.input('logits', 'float32', ['N', 'V'])
  const logProbabilities = sub(logits, graph.input('log_sums', 'float32', ['N', 1]))
  const others = gather(logProbabilities, graph.input('to', 'int64', ['N']))
  const kls = reduceSum(mul(exp(logProbabilities), sub(logProbabilities, others)), [1])
  // rounding takes what is equal a little below 0
  return max(kls, 0)
}

/** What could not be made is tried again by who asks next. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () =>
    (made ??= make().catch((error: unknown) => {
      made = undefined
      throw error
    }))
}
