// What a model loses when an SAE's reconstruction takes the place of its residual stream.
// Letters: B rows, T tokens, D width of the model, V vocabulary, N places whose next token is known.
import type { UsableDevice } from '../../shared/devices.ts'
import { batchOf, feedsOf } from '../llama/batch.ts'
import type { Checkpoint } from '../llama/checkpoint.ts'
import { buildLlama } from '../llama/graph/llama-graph.ts'
import type { HookName } from '../llama/hook.ts'
import { looksUpNarrowOn, loweringOn, precisionOn } from '../llama/precision.ts'
import { encode } from '../onnx/encode.ts'
import type { Value } from '../onnx/graph.ts'
import { cast, equal, exp, mul, neg, sub, where } from '../onnx/ops/elementwise.ts'
import { logSoftmax, reduceSum } from '../onnx/ops/reduce.ts'
import { gatherElements } from '../onnx/ops/select.ts'
import { reshape, squeeze, unsqueeze } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { tensor, type Tensor } from '../onnx/tensor.ts'
import { autoencoded, saeInputs } from './inference.ts'
import { type Sae, tensorShapes } from './sae.ts'

export interface SpliceOptions {
  readonly device: UsableDevice
  readonly hook: HookName
  /** Tokens of the longest context. */
  readonly positions: number
}

/** Sums over the places whose next token is known. */
export interface Spliced {
  readonly places: number
  /** Cross entropy in nats: of the model as it is, with reconstructions, and with zeros in their place. */
  readonly clean: number
  readonly spliced: number
  readonly ablated: number
  /** Σ KL(clean ‖ spliced) in nats. */
  readonly kl: number
}

/** Three rows run beside each other for every context. */
const ways = ['clean', 'spliced', 'ablated'] as const
const outputs = [...ways, 'kl'] as const

export class Splicer {
  readonly #session: Session<(typeof outputs)[number]>
  readonly #checkpoint: Checkpoint
  readonly #positions: number
  readonly #sae: Readonly<Record<string, Tensor>>

  private constructor(
    session: Session<(typeof outputs)[number]>,
    checkpoint: Checkpoint,
    positions: number,
    sae: Readonly<Record<string, Tensor>>,
  ) {
    this.#session = session
    this.#checkpoint = checkpoint
    this.#positions = positions
    this.#sae = sae
  }

  static async open(checkpoint: Checkpoint, sae: Sae, options: SpliceOptions): Promise<Splicer> {
    const { device, hook } = options
    const { config, weightsFolder } = checkpoint
    const positions = Math.min(options.positions, config.positions)
    const precision = precisionOn(device)
    const built = buildLlama(checkpoint, {
      ...{ name: 'splice', precision, positions, cached: false },
      lowering: loweringOn(device, precision, config),
      looksUpNarrow: looksUpNarrowOn(device),
      at: (at, stream, graph) => {
        if (at !== hook) return stream
        const mode = reshape(graph.input('mode', 'int64', ['B', 'T']), ['B*T', 1])
        const h = cast(stream, 'float32')
        const { reconstruction } = autoencoded(sae, saeInputs(graph, sae), h)
        const changed = where(equal(mode, SPLICE), reconstruction, where(equal(mode, ABLATE), 0, h))
        return cast(changed, stream.dtype)
      },
    })
    const { graph } = built
    const targets = graph.input('targets', 'int64', ['N'])
    const logs = Object.fromEntries(
      ways.map((way) => [way, logSoftmax(built.logits(graph.input(`${way}_at`, 'int64', ['N'])), -1)]),
    ) as Record<(typeof ways)[number], Value>
    for (const way of ways) {
      graph.output(way, neg(squeeze(gatherElements(logs[way], unsqueeze(targets, [1]), 1), [1])))
    }
    graph.output('kl', reduceSum(mul(exp(logs.clean), sub(logs.clean, logs.spliced)), [1]))
    const session = await Session.open(encode(graph), { device, outputs, weightsFolder })
    const tensors = Object.entries(tensorShapes(sae.architecture, sae)).map(
      ([name, shape]) => [name, tensor('float32', shape, sae.tensors[name]!)] as const,
    )
    return new Splicer(session, checkpoint, positions, Object.fromEntries(tensors))
  }

  /** One context; where `changes` holds the stream is replaced, elsewhere it stays. */
  async run(ids: readonly number[], changes: readonly boolean[]): Promise<Spliced> {
    const T = ids.length
    const places = T - 1
    if (places < 1) return { places: 0, clean: 0, spliced: 0, ablated: 0, kl: 0 }
    const mode = BigInt64Array.from({ length: ways.length * T }, (_, at) =>
      changes[at % T] ? BigInt(Math.floor(at / T)) : 0n,
    )
    const at = (way: number) =>
      tensor(
        'int64',
        [places],
        BigInt64Array.from({ length: places }, (_, place) => BigInt(way * T + place)),
      )
    const found = await this.#session.run({
      ...feedsOf(batchOf([ids, ids, ids]), this.#checkpoint.config, this.#positions),
      ...this.#sae,
      mode: tensor('int64', [ways.length, T], mode),
      targets: tensor('int64', [places], BigInt64Array.from(ids.slice(1), BigInt)),
      ...{ clean_at: at(CLEAN), spliced_at: at(SPLICE), ablated_at: at(ABLATE) },
    })
    const sum = (name: (typeof outputs)[number]) =>
      (found[name].data as Float32Array).reduce((total, value) => total + value, 0)
    return { places, clean: sum('clean'), spliced: sum('spliced'), ablated: sum('ablated'), kl: sum('kl') }
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}

/** What happens to a token's stream; also the order of the rows. */
const [CLEAN, SPLICE, ABLATE] = [0, 1, 2]
