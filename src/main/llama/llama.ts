// A model ready to run: prompts, single tokens after a cache, and texts to analyse go through one session.
import type { UsableDevice } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { cast } from '../onnx/ops/elementwise.ts'
import { reduceLogSumExp, reduceNorm } from '../onnx/ops/reduce.ts'
import { concat, reshape, transpose } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { tensor, type Tensor } from '../onnx/tensor.ts'
import { type Batch, feedsOf } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LlamaConfig } from './config.ts'
import { Cache, cacheNames } from './cache.ts'
import { buildLlama, cacheName, type LlamaGraph, totalInput } from './graph/llama-graph.ts'
import { steer } from './graph/steer.ts'
import type { Precision } from './graph/weights.ts'
import type { HookName } from './hook.ts'
import { openQuantised } from './quantised/file.ts'
import { assertNarrowOn, loweringOn, precisionOn } from './precision.ts'
import { type Steering, steeringFeeds } from './steering.ts'

export interface LlamaOptions {
  readonly device: UsableDevice
  /** By default what suits the device; int4 computes with weights of few bits, in float32, on the CPU. */
  readonly precision?: Precision | 'int4'
  /** Folder for the weights of few bits, where they stay; by default the checkpoint's. */
  readonly quantisedFolder?: string
  /** Where the residual stream is read and steered; without it, neither. */
  readonly hook?: HookName
  /** Tokens a context may have; by default as many as the checkpoint allows, at most `POSITIONS`. */
  readonly positions?: number
}

export interface ForwardOptions {
  /** Of the tokens before these, spent by this run; all rows must then have the same length. */
  readonly cache?: Cache
  /** Flat indices into (B·T): where the scores of the next token are wanted. */
  readonly logitsAt: Int32Array
  readonly steering?: Steering
}

/** N places asked for, V vocabulary, B rows, T tokens, D width. */
export interface Forward {
  /** (N, V) */
  readonly logits: Float32Array
  /** (N): the logarithm of the sum of their exponentials, which turns logits into log-probabilities. */
  readonly logSums: Float32Array
  /** (blocks + 1, B, T): the norm of the residual stream, the embedding's first. */
  readonly norms: Float32Array
  /** (B, T, D) at the hook, after steering; null without a hook. */
  readonly residual: Float32Array | null
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
  readonly #inPlace: boolean

  private constructor(session: Session, config: LlamaConfig, options: Settled) {
    this.#session = session
    this.config = config
    this.precision = options.precision
    this.hook = options.hook
    this.positions = options.positions
    this.#inPlace = options.inPlace
  }

  /** Loads the weights; rejects in onnxruntime's words when it cannot, and with `device/attention`, `device/int4`. */
  static async open(checkpoint: Checkpoint, options: LlamaOptions): Promise<Llama> {
    const { config, weightsFolder } = checkpoint
    const { device, hook, precision: wanted = precisionOn(device) } = options
    const positions = Math.min(options.positions ?? POSITIONS, config.positions)
    const precision = wanted === 'int4' ? 'float32' : wanted
    if (wanted === 'int4') assertNarrowOn(device)
    const quantised =
      wanted === 'int4'
        ? await openQuantised(checkpoint, options.quantisedFolder ?? checkpoint.folder)
        : undefined
    const lowering = loweringOn(device, precision, config)
    // elsewhere the memory that a run writes is not this process's
    const inPlace = lowering === 'fused' && device.provider === 'cpu'
    const built = buildLlama(checkpoint, {
      name: 'llama',
      ...{ precision, quantised, positions, lowering },
      cache: inPlace ? 'in-place' : 'copied',
      ...(hook && {
        at: (name, value, graph) => (name === hook ? steer(graph, value, config.width) : value),
      }),
    })
    const outputs = nameOutputs(built, hook)
    const session = await Session.open<string>(encode(built.graph), {
      device,
      outputs,
      weightsFolder: quantised?.folder ?? weightsFolder,
    })
    return new Llama(session, config, { precision, hook, positions, inPlace })
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
    const { width, layers } = this.config
    const feeds = {
      ...feedsOf(batch, this.config, this.positions),
      [LOGITS_AT]: tensor('int64', [logitsAt.length], BigInt64Array.from(logitsAt, BigInt)),
      ...(this.hook && steeringFeeds(steering, { rows, tokens, width })),
    }
    const results = await this.#run(
      feeds,
      cache ?? Cache.empty(this.config, this.precision, rows),
      before + tokens,
    )
    return {
      logits: results[LOGITS]!.data as Float32Array,
      logSums: results[LOG_SUMS]!.data as Float32Array,
      norms: results[NORMS]!.data as Float32Array,
      residual: (results[RESIDUAL]?.data as Float32Array | undefined) ?? null,
      cache: Cache.of(results, before + tokens, layers),
    }
  }

  async close(): Promise<void> {
    await this.#session.close()
  }

  /** Where the cache is in place, what the run was given and what it gives are the same memory. */
  async #run(feeds: Record<string, Tensor>, cache: Cache, total: number): Promise<Record<string, Tensor>> {
    const held = (this.#inPlace ? cache.withRoom(total, this.positions) : cache).spend()
    const named = (time: 'past' | 'present') =>
      Object.fromEntries(cacheNames(time, this.config.layers).map((name, at) => [name, held[at]!] as const))
    if (!this.#inPlace) return this.#session.run({ ...feeds, ...named('past') })
    const all = { ...feeds, ...named('past'), [totalInput]: tensor('int32', [], Int32Array.of(total)) }
    return this.#session.run(all, named('present'))
  }
}

interface Settled {
  readonly precision: Precision
  readonly hook: HookName | undefined
  readonly positions: number
  readonly inPlace: boolean
}

const [LOGITS_AT, LOGITS, LOG_SUMS] = ['logits_at', 'logits', 'log_sums'] as const
const [NORMS, RESIDUAL] = ['norms', 'residual'] as const

function nameOutputs({ graph, streams, hooks, present, logits }: LlamaGraph, hook?: HookName): string[] {
  const scores = graph.output(LOGITS, logits(graph.input(LOGITS_AT, 'int64', ['N'])))
  graph.output(LOG_SUMS, reduceLogSumExp(scores, [-1]))
  // (B·T, blocks + 1), each column one kernel
  const norms = concat(
    streams.map((stream) => reduceNorm(cast(stream, 'float32'), [-1], { keep: true })),
    1,
  )
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
