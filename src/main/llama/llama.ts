// A model ready to run: prompts, single tokens after a cache, and texts to analyse go through one session.
import type { UsableDevice } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { add, cast, exp, log, sub } from '../onnx/ops/elementwise.ts'
import { reduceMax, reduceNorm, reduceSum } from '../onnx/ops/reduce.ts'
import { concat, reshape, squeeze, transpose } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { release, tensor, type Tensor } from '../onnx/tensor.ts'
import { type Batch, feedsOf, firstOf, isOneRow } from './batch.ts'
import { type Cache, laidOut } from './cache.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LlamaConfig } from './config.ts'
import { buildLlama, cacheName, type LlamaGraph, totalInput } from './graph/llama-graph.ts'
import { inAllRows } from './graph/rows.ts'
import type { Graph, Value } from '../onnx/graph.ts'
import { type AllFeatures, steer } from './graph/steer.ts'
import type { Precision } from './graph/weights.ts'
import type { HookName } from './hook.ts'
import { openQuantised } from './quantised/file.ts'
import { assertNarrowOn, looksUpNarrowOn, loweringOn, precisionOn } from './precision.ts'
import { type Steering, steeringFeeds } from './steering.ts'

export interface LlamaOptions {
  readonly device: UsableDevice
  /** By default what suits the device; int4 computes with weights of few bits, in float32, on the CPU. */
  readonly precision?: Precision | 'int4'
  /** Folder for the weights of few bits, where they stay; by default the checkpoint's. */
  readonly quantisedFolder?: string
  /** Where the residual stream is read and steered; without it, neither. */
  readonly hook?: HookName
  /** Reads the stream at the hook by an encoder of all features; without it each feature that steers brings its own. */
  readonly encoder?: StreamEncoder
  /** Tokens a context may have; by default as many as the checkpoint allows, at most `POSITIONS`. */
  readonly positions?: number
}

export interface StreamEncoder {
  readonly features: AllFeatures
  /** Inputs that `features` has made, given with every run. */
  readonly feeds: () => Readonly<Record<string, Tensor>>
}

export interface ForwardOptions {
  /** Of the tokens before these, which this run uses up; all rows must then have the same length. */
  readonly cache?: Cache
  /** Flat indices into (B·T): where the scores of the next token are wanted. */
  readonly logitsAt: Int32Array
  readonly steering?: Steering
}

/** N places asked for, S features that steer, V vocabulary, B rows, T tokens, D width. */
export interface Forward {
  /** (N, V) */
  readonly logits: Float32Array
  /** (N): the logarithm of the sum of their exponentials, which turns logits into log-probabilities. */
  readonly logSums: Float32Array
  /** (blocks + 1, B, T): the norm of the residual stream, the embedding's first. */
  readonly norms: Float32Array
  /** (B, T, D) at the hook, after steering; null without a hook. */
  readonly residual: Float32Array | null
  /** (B, T, S): their activations, before steering; of one that does not read 0. Null without a hook, and without steering. */
  readonly features: Float32Array | null
  readonly cache: Cache
}

/** Longer contexts must be asked for: the tables of positions and the cache grow with them. */
const POSITIONS = 8_192

export class Llama {
  readonly config: LlamaConfig
  readonly precision: Precision
  readonly hook: HookName | undefined
  readonly positions: number
  readonly #session: Session
  readonly #encoder: StreamEncoder | undefined
  /** The first block in which rows of one prompt may differ. */
  readonly #apart: number
  readonly #inPlace: boolean

  private constructor(session: Session, config: LlamaConfig, options: Settled) {
    this.#session = session
    this.#encoder = options.encoder
    this.#apart = options.apart
    this.#inPlace = options.inPlace
    this.config = config
    this.precision = options.precision
    this.hook = options.hook
    this.positions = options.positions
  }

  /** Loads the weights; rejects in onnxruntime's words when it cannot, and with `device/attention`, `device/int4`. */
  static async open(checkpoint: Checkpoint, options: LlamaOptions): Promise<Llama> {
    const { config, weightsFolder } = checkpoint
    const { device, hook, encoder, precision: wanted = precisionOn(device) } = options
    const positions = Math.min(options.positions ?? POSITIONS, config.positions)
    const precision = wanted === 'int4' ? 'float32' : wanted
    if (wanted === 'int4') assertNarrowOn(device)
    const quantised =
      wanted === 'int4'
        ? await openQuantised(checkpoint, options.quantisedFolder ?? checkpoint.folder)
        : undefined
    let read: Value | undefined
    const steered = (graph: Graph, value: Value) => {
      const { stream, features } = steer(graph, value, config.width, encoder?.features)
      read = features
      return stream
    }
    const lowering = loweringOn(device, precision, config)
    // elsewhere all the room, not only what is used of it, would go to the device and back with every run
    const inPlace = device.provider === 'cpu' && lowering === 'fused'
    const built = buildLlama(checkpoint, {
      name: 'llama',
      ...{ precision, quantised, positions, lowering },
      looksUpNarrow: looksUpNarrowOn(device),
      cached: inPlace ? 'in place' : true,
      ...(hook && {
        rows: 'R' as const,
        at: (name, value, graph) => (name === hook ? steered(graph, value) : value),
      }),
    })
    if (read) built.graph.output(FEATURES, read)
    const outputs = nameOutputs(built, hook)
    const session = await Session.open<string>(encode(built.graph), {
      device,
      outputs,
      weightsFolder: quantised?.folder ?? weightsFolder,
    })
    const apart = built.present.filter(({ key }) => key.shape[0] === 'R').length
    return new Llama(session, config, { precision, hook, encoder, positions, apart, inPlace })
  }

  /**
   * One run, which blocks this thread: a prompt without a cache, or what comes after one. Throws `model/token`,
   * `model/context`.
   */
  async forward(batch: Batch, { cache, logitsAt, steering }: ForwardOptions): Promise<Forward> {
    const { rows, tokens, lengths } = batch
    const before = cache?.tokens ?? 0
    if (cache && lengths.some((length) => length !== before + tokens)) {
      throw new Error(
        `With ${before} tokens before and ${tokens} new ones, rows cannot be ${lengths.join()} long.`,
      )
    }
    const { width } = this.config
    // what stands before the hook is the same for all rows of one prompt
    const arriving = this.hook && !cache && rows > 1 && isOneRow(batch) ? firstOf(batch) : batch
    const past = cache
      ? laidOut(cache, rows, this.#inPlace ? tokens : 0)
      : this.#emptyCache(arriving.rows, rows)
    const inPlace = cache && this.#inPlace
    const feeds = {
      ...feedsOf(arriving, this.config, this.positions),
      [LOGITS_AT]: tensor('int64', [logitsAt.length], BigInt64Array.from(logitsAt, BigInt)),
      ...past,
      ...(this.#inPlace && { [totalInput]: tensor('int32', [1], Int32Array.of(before + tokens)) }),
      ...(this.hook &&
        steeringFeeds(steering, { rows, tokens, width, encodes: this.#encoder !== undefined })),
      ...this.#encoder?.feeds(),
    }
    const into = inPlace
      ? this.#cacheOf('present', (layer, part) => past[cacheName('past', layer, part)]!)
      : undefined
    const results = await this.#session.run(feeds, into)
    if (cache && !inPlace) release(...Object.values(past).map(({ data }) => data))
    return {
      logits: results[LOGITS]!.data as Float32Array,
      logSums: results[LOG_SUMS]!.data as Float32Array,
      norms: results[NORMS]!.data as Float32Array,
      residual: (results[RESIDUAL]?.data as Float32Array | undefined) ?? null,
      features: steering ? ((results[FEATURES]?.data as Float32Array | undefined) ?? null) : null,
      cache: {
        tokens: before + tokens,
        tensors: this.#cacheOf('past', (layer, part) => results[cacheName('present', layer, part)]!),
      },
    }
  }

  async close(): Promise<void> {
    await this.#session.close()
  }

  #emptyCache(arriving: number, rows: number): Record<string, Tensor> {
    const { keyHeads, headWidth } = this.config
    const data = this.precision === 'float32' ? new Float32Array(0) : new Float16Array(0)
    return this.#cacheOf('past', (layer) =>
      tensor(this.precision, [layer < this.#apart ? arriving : rows, keyHeads, 0, headWidth], data),
    )
  }

  #cacheOf(
    time: 'past' | 'present',
    of: (layer: number, part: 'key' | 'value') => Tensor,
  ): Record<string, Tensor> {
    return Object.fromEntries(
      Array.from({ length: this.config.layers }, (_, layer) =>
        (['key', 'value'] as const).map((part) => [cacheName(time, layer, part), of(layer, part)] as const),
      ).flat(),
    )
  }
}

interface Settled {
  readonly precision: Precision
  readonly hook: HookName | undefined
  readonly encoder: StreamEncoder | undefined
  readonly positions: number
  readonly apart: number
  /** Runs write into the room of their cache. */
  readonly inPlace: boolean
}

const [LOGITS_AT, LOGITS, LOG_SUMS] = ['logits_at', 'logits', 'log_sums'] as const
const [NORMS, RESIDUAL, FEATURES] = ['norms', 'residual', 'steer_features'] as const

function nameOutputs({ graph, streams, hooks, present, logits }: LlamaGraph, hook?: HookName): string[] {
  const scores = graph.output(LOGITS, logits(graph.input(LOGITS_AT, 'int64', ['N'])))
  graph.output(LOG_SUMS, logSumExp(scores))
  const normsOf = (some: readonly Value[]) =>
    concat(
      some.map((stream) => reduceNorm(cast(stream, 'float32'), [-1], { keep: true })),
      1,
    )
  // (B·T, blocks + 1), each column one kernel
  const arriving = streams.filter(({ shape }) => shape[0] === 'R*T')
  const others = streams.slice(arriving.length)
  const norms =
    arriving.length > 0 ? concat([inAllRows(normsOf(arriving)), normsOf(others)], 1) : normsOf(others)
  graph.output(NORMS, reshape(transpose(norms), [streams.length, 'B', 'T']))
  if (hook) {
    const value = hooks.get(hook)!
    graph.output(RESIDUAL, cast(reshape(value, ['B', 'T', value.shape[1]!]), 'float32'))
  }
  for (const [layer, { key, value }] of present.entries()) {
    graph.output(cacheName('present', layer, 'key'), key)
    graph.output(cacheName('present', layer, 'value'), value)
  }
  return graph.outputs.map(({ name }) => name)
}

/** (N) of (N, V): several times as fast as the operator for it on the CPU. */
function logSumExp(scores: Value): Value {
  const most = reduceMax(scores, [1], { keep: true })
  return squeeze(add(log(reduceSum(exp(sub(scores, most)), [1], { keep: true })), most), [1])
}
