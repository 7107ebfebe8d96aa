// The residual stream at one hook for batches of text: only the blocks up to it run, without head or cache.
import type { UsableDevice } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { cast } from '../onnx/ops/elementwise.ts'
import { reduceNorm } from '../onnx/ops/reduce.ts'
import { reshape } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { type Batch, feedsOf } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LlamaConfig } from './config.ts'
import { buildLlama } from './graph/llama-graph.ts'
import type { Precision } from './graph/weights.ts'
import type { HookName } from './hook.ts'
import { looksUpNarrowOn, loweringOn, precisionOn } from './precision.ts'

export interface HarvesterOptions {
  readonly device: UsableDevice
  readonly hook: HookName
  /** By default what suits the device. */
  readonly precision?: Precision
  /** Tokens of the longest row. */
  readonly positions: number
  /** What activations are handed out in; float32 unless given. float16 has no place for what lies beyond 65,504. */
  readonly output?: 'float32' | 'float16'
  /** Threads of the CPU that work on one batch; by default as many as it has cores. */
  readonly threads?: number
}

/** Of B rows of T tokens; what is past a row's length means nothing. */
export interface Residuals {
  /** (B, T, D) */
  readonly activations: Float32Array<ArrayBuffer> | Float16Array<ArrayBuffer>
  /** (B, T): lengths of the activations, in float32 whatever they are handed out in. */
  readonly norms: Float32Array<ArrayBuffer>
}

const [ACTIVATIONS, NORMS] = ['activations', 'norms'] as const

export class Harvester {
  readonly config: LlamaConfig
  readonly #session: Session<typeof ACTIVATIONS | typeof NORMS>
  readonly #positions: number

  private constructor(
    session: Session<typeof ACTIVATIONS | typeof NORMS>,
    config: LlamaConfig,
    positions: number,
  ) {
    this.#session = session
    this.config = config
    this.#positions = positions
  }

  static async open(checkpoint: Checkpoint, options: HarvesterOptions): Promise<Harvester> {
    const { config, weightsFolder } = checkpoint
    const { device, hook, precision = precisionOn(device), output = 'float32', threads } = options
    const positions = Math.min(options.positions, config.positions)
    const { graph, hooks } = buildLlama(checkpoint, {
      name: 'harvest',
      ...{ precision, positions },
      lowering: loweringOn(device, precision, config),
      looksUpNarrow: looksUpNarrowOn(device),
      cached: false,
    })
    const value = hooks.get(hook)
    if (!value) throw new Error(`The model has no hook "${hook}".`)
    const residual = reshape(value, ['B', 'T', config.width])
    graph.output(ACTIVATIONS, cast(residual, output))
    graph.output(NORMS, reduceNorm(cast(residual, 'float32'), [2]))
    const outputs = [ACTIVATIONS, NORMS] as const
    // text is read and rows are written meanwhile
    const session = await Session.open(encode(graph), {
      ...{ device, outputs, weightsFolder, shared: true, varied: true },
      ...(threads !== undefined && { threads }),
    })
    return new Harvester(session, config, positions)
  }

  /** (B, T, D) in float32; rows past a batch's lengths mean nothing. Throws `model/token`, `model/context`. */
  async run(batch: Batch): Promise<Float32Array> {
    const { activations } = await this.residuals(batch)
    return activations instanceof Float32Array ? activations : new Float32Array(activations)
  }

  /** Throws `model/token`, `model/context`. */
  async residuals(batch: Batch): Promise<Residuals> {
    const { activations, norms } = await this.#session.run(feedsOf(batch, this.config, this.#positions))
    return {
      activations: activations.data as Residuals['activations'],
      norms: norms.data as Residuals['norms'],
    }
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}
