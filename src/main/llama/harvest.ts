// The residual stream at one hook for batches of text: only the blocks up to it run, without head or cache.
import type { UsableDevice } from '../../shared/devices.ts'
import { encode } from '../onnx/encode.ts'
import { cast } from '../onnx/ops/elementwise.ts'
import { reshape } from '../onnx/ops/shape.ts'
import { Session } from '../onnx/session.ts'
import { type Batch, feedsOf } from './batch.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { LlamaConfig } from './config.ts'
import { buildLlama } from './graph/llama-graph.ts'
import type { Precision } from './graph/weights.ts'
import type { HookName } from './hook.ts'
import { loweringOn, precisionOn } from './precision.ts'

export interface HarvesterOptions {
  readonly device: UsableDevice
  readonly hook: HookName
  /** By default what suits the device. */
  readonly precision?: Precision
  /** Tokens of the longest row. */
  readonly positions: number
}

const ACTIVATIONS = 'activations'

export class Harvester {
  readonly config: LlamaConfig
  readonly #session: Session<typeof ACTIVATIONS>
  readonly #positions: number

  private constructor(session: Session<typeof ACTIVATIONS>, config: LlamaConfig, positions: number) {
    this.#session = session
    this.config = config
    this.#positions = positions
  }

  static async open(checkpoint: Checkpoint, options: HarvesterOptions): Promise<Harvester> {
    const { config, weightsFolder } = checkpoint
    const { device, hook, precision = precisionOn(device) } = options
    const positions = Math.min(options.positions, config.positions)
    const { graph, hooks } = buildLlama(checkpoint, {
      name: 'harvest',
      ...{ precision, positions },
      lowering: loweringOn(device, precision, config),
      cached: false,
    })
    const value = hooks.get(hook)
    if (!value) throw new Error(`The model has no hook "${hook}".`)
    graph.output(ACTIVATIONS, cast(reshape(value, ['B', 'T', config.width]), 'float32'))
    const session = await Session.open(encode(graph), { device, outputs: [ACTIVATIONS], weightsFolder })
    return new Harvester(session, config, positions)
  }

  /** (B, T, D) in float32; rows past a batch's lengths mean nothing. Throws `model/token`, `model/context`. */
  async run(batch: Batch): Promise<Float32Array> {
    const { activations } = await this.#session.run(feedsOf(batch, this.config, this.#positions))
    return activations.data as Float32Array
  }

  async close(): Promise<void> {
    await this.#session.close()
  }
}
